// `buildd check-config`: reads both files as the programs would, and says what will have no effect yet.
import { loadBuilddConf, loadWannaBuildConf } from '../config/load.ts';
import { exitCode } from '../platform/exit-codes.ts';

/** Prints what was read. @throws ConfigurationError with the one line that says what is wrong */
export function checkConfig(home: string): number {
  const conf = loadBuilddConf(home);
  const store = loadWannaBuildConf(home);
  const lines = [
    ...conf.notices,
    ...store.notices,
    ...senderWarning(conf.auth.accept),
    `configuration is fine: ${conf.files.join(', ')}; distributions ${conf.distributions.map((entry) => `${entry.dist_name} (${entry.built_architecture})`).join(', ')}; builder ${conf.builder.use}; store ${store.store.replace(/:\/\/[^@/]*@/, '://')}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCode.ok;
}

/** The warning that belongs to `accept = ["sender"]`: anybody can write a From line. */
export function senderWarning(accept: readonly string[]): string[] {
  return accept.includes('sender')
    ? ['warning: auth.accept has "sender": whoever can write an admin\'s address into From steers this buildd']
    : [];
}
