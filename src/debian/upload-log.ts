// The X.upload file beside an X.changes: dupload's log of what it has put where. `u FILE HOST DATE` for each file,
// at the very end `s X.changes HOST DATE`. Admins and other tools read it; the form never changes.
import { isFileName } from './names.ts';

/** The name of the log that belongs to a .changes. */
export function uploadLogName(changesName: string): string {
  return changesName.replace(/\.changes$/, '.upload');
}

/** Whether the log says that this .changes was put there completely: its last line is the `s` line. */
export function isCompleteUploadLog(text: string, changesName: string): boolean {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith(`s ${changesName} `) && text.endsWith('\n');
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// ctime(3)'s form, as Perl's scalar localtime prints it; here always UTC.
const ctime = (at: Date): string => {
  const day = days[at.getUTCDay()] ?? '';
  const month = months[at.getUTCMonth()] ?? '';
  const date = String(at.getUTCDate()).padStart(2, ' ');
  return `${day} ${month} ${date} ${at.toISOString().slice(11, 19)} ${at.getUTCFullYear()}`;
};

/** A complete log: every file, the .changes last, then the `s` line. Host is any word without blanks. */
export function formatUploadLog(files: readonly string[], changesName: string, host: string, at: Date): string {
  const word = isFileName(host) ? host : 'local';
  const put = [...files, changesName].map((file) => `u ${file} ${word} ${ctime(at)}\n`);
  return `${put.join('')}s ${changesName} ${word} ${ctime(at)}\n`;
}
