// What every command that acts has in common: open intents are finished one by one, and the log holds no token.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPorts } from '../../src/cli/ports.ts';
import { openIntent, type IntentDraft } from '../../src/home/intent.ts';
import { makeKey, type SigningKey } from '../support/admin-key.ts';
import { receivingWorld, type ReceivingWorld } from '../support/receiving-world.ts';

let key: SigningKey;
let world: ReceivingWorld;

beforeAll(() => {
  key = makeKey('Admin <admin@example.org>');
});
afterAll(() => key.remove());
beforeEach(async () => {
  world = await receivingWorld(key.publicKey);
});
afterEach(() => world.close());

const notice = (subject: string): IntentDraft => ({
  what: `notice: ${subject}`,
  subject: null,
  effects: [],
  mails: [{ kind: 'notice', subject, text: 'x' }],
  refusalMails: [],
});

describe('the open intents of a dead process', () => {
  it('are finished one by one: an error in one does not stop those after it', async () => {
    const { ports } = world;
    openIntent(ports.db, notice('first'), new Date());
    openIntent(ports.db, notice('second'), new Date());
    ports.db.sql.exec(`update intents set owner = 'none', mails = '[{"kind":"nonsense"}]' where number = 1;
      update intents set owner = 'none' where number = 2`);
    await ports.finishOpenIntents();
    await ports.sendMail();
    expect(world.sent().map((mail) => mail.subject)).toEqual(['second']);
    expect(world.logged.join('\n')).toMatch(/cannot finish yet: notice: first: .*\nfinished: notice: second/);
  });
});

describe('a home.db that was lost', () => {
  it.each([
    ['was missing', (path: string) => rmSync(path)],
    ['was empty (0 bytes)', (path: string) => writeFileSync(path, '')],
  ])('and %s is said in the log, once; a new one is begun', async (how, lose) => {
    const { paths } = world.ports;
    const logged: string[] = [];
    const log = { log: (line: string) => void logged.push(line), reopen: () => undefined };
    await world.ports.close();
    lose(paths.homeDb);
    for (let time = 0; time < 2; time += 1) await (await openPorts(world.root, log)).close();
    expect(logged).toEqual([expect.stringContaining(`warning: ${paths.homeDb}: ${how}; began a new one`)]);
  });
});

describe('max_mail_size', () => {
  const noted = (): string => readFileSync(join(world.root, 'mqueue/.max_mail_size'), 'utf8');

  it('is where bin/buildd-mail reads it from the first opening of the home on, and follows the configuration', () => {
    const { ports } = world;
    expect(noted()).toBe(`${10 * 1024 * 1024}\n`);
    const conf = ports.conf();
    ports.setConf({ ...conf, mail: { ...conf.mail, max_mail_size: 4711 } });
    expect(noted()).toBe('4711\n');
  });

  it('that cannot be noted is said in the log and stops nothing', () => {
    const { ports } = world;
    rmSync(join(world.root, 'mqueue'), { recursive: true });
    const conf = ports.conf();
    ports.setConf({ ...conf, mail: { ...conf.mail, max_mail_size: 4711 } });
    expect(world.logged.at(-1)).toMatch(/^max_mail_size cannot be noted in .*mqueue: /);
  });
});

describe('the log', () => {
  it('of every command holds no token, whoever writes the line', async () => {
    const greet = await world.built('greet');
    const token = /\+(.*)@/.exec(greet.replyTo)?.[1] ?? 'none';
    world.ports.log.log(
      `mail to ${greet.replyTo} and <b.${token.toUpperCase()}@example.org> refused, ${key.fingerprint}`,
    );
    expect(world.logged.at(-1)).toBe(`mail to buildd+…@example.org and <b.…@example.org> refused, ${key.fingerprint}`);
  });
});
