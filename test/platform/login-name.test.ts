import { userInfo } from 'node:os';
import type * as os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { loginName } from '../../src/platform/login-name.ts';

const fault = vi.hoisted(() => ({ nameless: false }));
vi.mock('node:os', async (original) => {
  const real = await original<typeof os>();
  const userInfo = () => {
    if (fault.nameless) throw Object.assign(new Error('no such user'), { code: 'ERR_SYSTEM_ERROR' });
    return real.userInfo();
  };
  return { ...real, userInfo };
});

describe('the login name', () => {
  it("is the system's", () => {
    expect(loginName()).toBe(userInfo().username);
  });

  it('is the number where the system has no name, as in a container', () => {
    fault.nameless = true;
    expect(loginName()).toBe(`uid${process.getuid?.() ?? 0}`);
  });
});
