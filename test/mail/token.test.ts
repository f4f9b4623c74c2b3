import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeToken, readToken, tokenMatches, type TokenSubject } from '../../src/mail/token.ts';

const secret = Buffer.alloc(32, 7);
const subject: TokenSubject = {
  kind: 'log',
  recipient: 'admin@example.org',
  build: 4711,
  claim: 3,
  package: 'hello',
  version: '2.10-3',
  distribution: 'unstable',
  architecture: 'amd64',
};

describe('a token', () => {
  it('is 39 characters of lower-case base32 and names its build', () => {
    const token = makeToken(secret, subject);
    expect(token).toMatch(/^[a-z2-7]{39}$/);
    expect(readToken(token)?.build).toBe(4711);
    expect(tokenMatches(secret, token, subject)).toBe(true);
  });

  it('survives a mail system that changes the case of letters', () => {
    const token = makeToken(secret, subject);
    expect(tokenMatches(secret, token.toUpperCase(), subject)).toBe(true);
    expect(tokenMatches(secret, token, { ...subject, recipient: 'ADMIN@Example.org' })).toBe(true);
  });

  it.each<Partial<TokenSubject>>([
    { kind: 'should-build' },
    { recipient: 'other@example.org' },
    { build: 4712 },
    { claim: 4 },
    { claim: null },
    { package: 'hell' },
    { version: '2.10-4' },
    { distribution: 'experimental' },
    { architecture: 'arm64' },
  ])('is not good for %o', (other) => {
    expect(tokenMatches(secret, makeToken(secret, subject), { ...subject, ...other })).toBe(false);
  });

  it('of another home is not good here', () => {
    expect(tokenMatches(Buffer.alloc(32, 8), makeToken(secret, subject), subject)).toBe(false);
  });

  it('counts a claim that is not known as 0', () => {
    expect(makeToken(secret, { ...subject, claim: null })).toBe(makeToken(secret, { ...subject, claim: 0 }));
  });

  it('cannot be forged by moving a letter from one name to the next', () => {
    const moved = { ...subject, package: 'hello2', version: '.10-3' };
    expect(tokenMatches(secret, makeToken(secret, subject), moved)).toBe(false);
  });

  it('is read back for every build number, and no other text is one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (build) => {
        expect(readToken(makeToken(secret, { ...subject, build }))?.build).toBe(build);
      }),
    );
    const anyText = fc.string({
      unit: fc.constantFrom('a', 'b', 'z', '2', '7', ' ', '=', 'A', '0'),
      minLength: 38,
      maxLength: 40,
    });
    fc.assert(
      fc.property(anyText, (text) => {
        const read = readToken(text);
        expect(read === null || (text.length === 39 && /^[a-z2-7]+$/i.test(text) && read.mac.length === 20)).toBe(true);
      }),
    );
    expect(readToken('')).toBeNull();
    expect(readToken('1'.repeat(39))).toBeNull();
    expect(readToken(`${makeToken(secret, subject)}a`)).toBeNull();
  });

  it('has one spelling only: unused bits must be zero', () => {
    const token = makeToken(secret, subject);
    const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
    const last = alphabet[alphabet.indexOf(token.at(-1) ?? '') | 1] ?? '';
    expect(readToken(token.slice(0, -1) + last)).toBeNull();
  });

  it('cannot be made for a build number that does not fit', () => {
    expect(() => makeToken(secret, { ...subject, build: 2 ** 32 })).toThrow(RangeError);
  });
});
