// What mail programs and mailing lists put in front of a subject: `Re:` in every language, `[list]`. Linear in its
// input; whatever is not on the list here stays, so that a forwarded mail is not taken for an answer.

// In the languages whose mail programs put something else than "Re" there. Forwarding prefixes are no replies.
const replyPrefixes = new Set([
  're',
  'aw',
  'sv',
  'antw',
  'vs',
  'odp',
  'ref',
  'rif',
  'r',
  'res',
  'resp',
  'rép',
  'rep',
  'ynt',
  'yan',
  'cevap',
  'vá',
  'válasz',
  'ang',
  'atb',
  'ats',
  'bls',
  'tl',
  'ha',
  'vb',
  'vast',
  'αντ',
  'απ',
  'σχετ',
  'отв',
  'ответ',
  'на',
  'hr',
  'bal',
  'balas',
  '回复',
  '回覆',
  '答复',
  '答覆',
  '返信',
  '回信',
  '回应',
  '답장',
  '회신',
  'ตอบ',
  'رد',
  'השב',
  'תגובה',
  'ری',
]);

const longest = 2000;

const normal = (subject: string): string =>
  subject
    .slice(0, longest)
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .replace(/\s+/gu, ' ')
    .trim();

/** Takes reply prefixes and list tags off a subject, any number of them, and all unusual blank space. */
export function stripPrefixes(subject: string): { readonly text: string; readonly isReply: boolean } {
  let text = normal(subject);
  let isReply = false;
  for (;;) {
    const tag = /^\[[^\]]{1,80}\] ?/.exec(text)?.[0];
    const [prefix, word = ''] = /^([\p{L}\p{M}]{1,10})(?: ?[[(^]\d{1,4}[\])]?)? ?[:：] ?/u.exec(text) ?? [];
    if (tag === undefined && (prefix === undefined || !replyPrefixes.has(word.toLowerCase()))) return { text, isReply };
    if (tag === undefined) isReply = true;
    text = text.slice((tag ?? prefix ?? '').length);
  }
}
