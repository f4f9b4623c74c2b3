import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesIn, parseMailbox, parseMailboxes } from '../../../../src/mail/incoming/decode/mailbox.ts';

describe('the one mailbox of From', () => {
  it.each([
    ['admin@example.org', 'admin@example.org'],
    ['Admin <Admin@Example.ORG>', 'admin@example.org'],
    ['"Admin, the" <admin@example.org>', 'admin@example.org'],
    ['=?UTF-8?Q?Admin=2C_J=C3=B6rg?= <admin@example.org>', 'admin@example.org'],
    ['(the) Admin (boss (big)) <admin@example.org> (work)', 'admin@example.org'],
    ['admin@example.org (Admin)', 'admin@example.org'],
    ['"a \\" b" <admin@example.org>', 'admin@example.org'],
    ['root', 'root'],
  ])('%s is %s', (raw, address) => {
    expect(parseMailbox(raw)).toBe(address);
  });

  it('is no ASCII address where only a letter that is lowered to one stands in it', () => {
    expect(parseMailbox('\u212aim@example.org')).not.toBe('kim@example.org');
  });

  it.each([
    ['nothing', ''],
    ['two mailboxes', 'admin@example.org, mallory@example.org'],
    ['two in angle brackets', '<admin@example.org> <mallory@example.org>'],
    ['text behind the brackets', '<admin@example.org> mallory@example.org'],
    ['two words', 'admin@example.org mallory@example.org'],
    ['a group', 'Admins: admin@example.org;'],
    ['an open quote', '"admin@example.org'],
    ['an open comment', 'admin@example.org (x'],
    ['an open bracket', '<admin@example.org'],
    ['a bracket too many', 'admin@example.org>'],
    ['two at signs', 'admin@example.org@example.org'],
    ['a space in it', '<admin @example.org>'],
    ['a quoted local part', '"admin"@example.org'],
    ['nested brackets', '<<admin@example.org>>'],
  ])('is none for %s', (_, raw) => {
    expect(parseMailbox(raw)).toBeNull();
  });

  it('is the real one where the name looks like an address', () => {
    expect(parseMailbox('"Admin <admin@example.org>" <mallory@example.org>')).toBe('mallory@example.org');
  });

  it('never throws and never takes long', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '@', '.', ',', ';', ':', '<', '>', '(', ')', '"', '\\', ' ', '\t') }),
        (text) => {
          const found = parseMailboxes(text);
          expect(found === null || found.every((address) => !/[\s<>(),;:"]/.test(address))).toBe(true);
        },
      ),
    );
    expect(parseMailboxes('('.repeat(100_000))).toBeNull();
  });
});

describe('looking for a token', () => {
  it('finds addresses in whatever form they stand', () => {
    expect(addressesIn('Buildd <buildd+ABC@Example.org>, "x" <y@example.org>')).toEqual([
      'buildd+abc@example.org',
      'y@example.org',
    ]);
  });
});
