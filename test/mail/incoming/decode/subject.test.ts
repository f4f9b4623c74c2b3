import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readChangesName, readSubject } from '../../../../src/mail/incoming/decode/subject.ts';

const log = 'Log for failed build of hello_2.10-3 on amd64 (dist=unstable)';

describe('the subject of an answer', () => {
  it.each([
    'Re: ',
    'RE: ',
    're:',
    'AW: ',
    'SV: ',
    'Antw: ',
    'Vs: ',
    'Odp: ',
    'Re[2]: ',
    'Re(3): ',
    'Re^4: ',
    'Re : ',
    '回复: ',
    '回复：',
    '答复: ',
    '返信: ',
    'RÉP: ',
    'Ynt: ',
    'Отв: ',
    'ΑΠ: ',
    'Rif: ',
    'R: ',
    'RES: ',
    'Válasz: ',
    'Re: AW: Re: SV: ',
    '[buildd] Re: ',
    'Re: [buildd] ',
    '[EXTERNAL] [list] Re: ',
    'Re: [a] Re: [b] ',
    '\u200bRe:\u00a0 ',
  ])('is recognised behind "%s"', (prefix) => {
    expect(readSubject(`${prefix}${log}`)).toEqual({
      kind: 'log-reply',
      package: 'hello',
      version: '2.10-3',
      distribution: 'unstable',
      architecture: 'amd64',
      badName: null,
    });
  });

  it.each([
    '',
    'Fwd: ',
    'FW: ',
    'WG: ',
    'TR: ',
    'Read: ',
    'Undeliverable: ',
    'Out of office: ',
    '[buildd] ',
    'Gelesen: ',
  ])('is none behind "%s"', (prefix) => {
    expect(readSubject(`${prefix}${log}`).kind).toBe('other');
  });

  it.each([
    [
      'without architecture',
      'Re: Log for successful build of vim_2:9.1.0016-1 (dist=unstable)',
      'vim',
      '2:9.1.0016-1',
      'unstable',
      null,
    ],
    [
      'with the archive',
      'Re: Log for attempted build of g++-12_12.3.0-9 on amd64 (debian/sid)',
      'g++-12',
      '12.3.0-9',
      'sid',
      'amd64',
    ],
    [
      'of a stable update',
      'Re: Log for given-back build of hello_2.10-3 on kfreebsd-amd64 (dist=stable/updates)',
      'hello',
      '2.10-3',
      'stable/updates',
      'kfreebsd-amd64',
    ],
    [
      'of a binNMU',
      'Re: Log for failed build of coreutils_9.4-3+b1 on amd64 (dist=unstable)',
      'coreutils',
      '9.4-3+b1',
      'unstable',
      'amd64',
    ],
  ])('is read %s', (_, subject, name, version, distribution, architecture) => {
    expect(readSubject(subject)).toMatchObject({
      kind: 'log-reply',
      package: name,
      version,
      distribution,
      architecture,
      badName: null,
    });
  });

  it('to "Should I build" is read too', () => {
    expect(readSubject('Re: Should I build hello_2.10-3 (dist=unstable)?')).toMatchObject({
      kind: 'should-build-reply',
      package: 'hello',
    });
  });

  it.each([
    ['Re: Log for failed build of hello$(id)_2.10-3 on amd64 (dist=unstable)', 'hello$(id)_2.10-3'],
    ['Re: Log for failed build of hello_2.10_3 on amd64 (dist=unstable)', 'hello_2.10_3'],
    ['Re: Log for failed build of ../hello_1 on amd64 (dist=unstable)', '../hello_1'],
    ['Re: Log for failed build of hello_2.10-3 on amd64 (dist=../../etc)', '../../etc'],
    ['Re: Log for failed build of hello_2.10-3 on amd64 (dist=unstable;rm)', 'unstable;rm'],
    ['Re: Log for failed build of hello_2.10-3 on AMD/64 (dist=unstable)', 'AMD/64'],
  ])('says what in it is no name: %s', (subject, badName) => {
    expect(readSubject(subject)).toMatchObject({ kind: 'log-reply', badName });
  });
});

describe('the subject of a notice', () => {
  it.each([
    ['hello_1_amd64.changes INSTALLED', { kind: 'archive-notice', verb: 'installed', into: null }],
    ['hello_1_amd64.changes ACCEPTED into unstable', { kind: 'archive-notice', verb: 'accepted', into: 'unstable' }],
    [
      'hello_1_amd64.changes ACCEPTED into stable->proposed-updates',
      { kind: 'archive-notice', into: 'stable->proposed-updates' },
    ],
    ['hello_1_amd64.changes is NEW', { kind: 'archive-notice', verb: 'new-queue' }],
    ['hello_1_amd64.changes REJECTED', { kind: 'archive-notice', verb: 'rejected' }],
    ['Processing of hello_1_amd64.changes', { kind: 'queue-notice', changes: 'hello_1_amd64.changes' }],
    ['new version of hello (dist=unstable)', { kind: 'new-version', package: 'hello', distribution: 'unstable' }],
    ['mini-dinstall: Successfully installed hello 1-1 to unstable', { kind: 'mini-dinstall', version: '1-1' }],
  ])('%s', (subject, about) => {
    expect(readSubject(subject)).toMatchObject(about);
  });

  it('is none in an answer to it', () => {
    expect(readSubject('Re: hello_1_amd64.changes ACCEPTED into unstable').kind).toBe('other');
  });
});

it('a subject is read without error and in bounds whatever it is', () => {
  const words = ['Re: ', '[x] ', 'Log for ', ' build of ', 'a_1', ' on ', '(dist=', ')', '：', '\u200b', ' ', '[', '_'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (list) => {
      const about = readSubject(list.join(''));
      expect(about.kind !== 'log-reply' || about.package === null || /^[a-z0-9]/.test(about.package)).toBe(true);
    }),
  );
});

describe('the name of a .changes', () => {
  it.each([
    ['hello_2.10-3_amd64.changes', { package: 'hello', version: '2.10-3', architecture: 'amd64' }],
    ['hello_2.10-3_amd64-buildd.changes', { architecture: 'amd64' }],
    ['libstdc++6_13.2.0-5+b1_kfreebsd-amd64.changes', { package: 'libstdc++6', version: '13.2.0-5+b1' }],
  ])('%s', (file, name) => {
    expect(readChangesName(file)).toMatchObject(name);
  });

  it.each([
    '../hello_1_amd64.changes',
    'hello_1.changes',
    'hello_2:1_amd64.changes',
    'Hello_1_amd64.changes',
    'hello_1_amd64.deb',
    `h_${'1'.repeat(300)}_amd64.changes`,
  ])('%s is none', (file) => {
    expect(readChangesName(file)).toBeNull();
  });
});
