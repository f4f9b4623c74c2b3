// YAML as wanna-build prints it. A module of its own because the library is big: it is imported only by the commands
// that print YAML, when they do.
import { stringify } from 'yaml';

/** One YAML document; long lines stay whole. */
export function yamlDocument(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
