// `buildd check-config`: reads both files as the programs would, and says what will have no effect yet.
import { loadBuilddConf, loadWannaBuildConf } from '../config/load.ts';
import { pathsOf } from '../home/paths.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { builderWarnings, configurationWarnings } from './configuration-warnings.ts';

/** Prints what was read. @throws ConfigurationError with the one line that says what is wrong */
export async function checkConfig(home: string): Promise<number> {
  const conf = loadBuilddConf(home);
  const store = loadWannaBuildConf(home);
  const lines = [
    ...conf.notices,
    ...store.notices,
    ...(await configurationWarnings(conf, pathsOf(home))),
    ...(await builderWarnings(conf)),
    `configuration is valid: ${conf.files.join(', ')}; distributions ${conf.distributions.map((entry) => `${entry.dist_name} (${entry.built_architecture})`).join(', ')}; builder ${conf.builder.use}; store ${store.store.replace(/:\/\/[^@/]*@/, '://')}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCode.ok;
}
