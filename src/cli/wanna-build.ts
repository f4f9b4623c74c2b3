// wanna-build: the build-state store's command. Arguments in, one use case called, its words out.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { loadWannaBuildConf } from '../config/load.ts';
import type { WannaBuildConf } from '../config/wanna-build-conf.ts';
import { homeOf } from '../home/paths.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { assertNever, ConfigurationError } from '../platform/errors.ts';
import { exitCode } from '../platform/exit-codes.ts';
import { loginName } from '../platform/login-name.ts';
import { openStore } from '../wanna-build/store/open.ts';
import { change } from './wanna-build-change.ts';
import { add, merge } from './wanna-build-enter.ts';
import { standardInput } from './wanna-build-input.ts';
import { list } from './wanna-build-list.ts';
import { parseArguments } from './wanna-build-options.ts';
import {
  apiOf,
  architectureOf,
  defaultDistribution,
  distributionsOf,
  userNamed,
  type Request,
  type Streams,
} from './wanna-build-request.ts';
import { configured, history, info } from './wanna-build-show.ts';
import { wannaBuildUsage } from './wanna-build-usage.ts';

/** What surrounds a call; tests give their own. */
interface Surroundings {
  readonly streams: Streams;
  readonly clock: Clock;
}

const ownSurroundings: Surroundings = {
  clock: systemClock,
  streams: {
    out: (text) => void process.stdout.write(text),
    prompt: (text) => {
      if (process.stdin.isTTY) process.stderr.write(`${text}\n`);
    },
    lines: standardInput,
  },
};

/** The wanna-build command. @returns the exit code. */
export async function main(args: string[], { streams, clock }: Surroundings = ownSurroundings): Promise<number> {
  const parsed = parseArguments(args);
  const command = parsed.command ?? 'take';
  if (command === 'help' || command === 'version') {
    streams.out(command === 'help' ? wannaBuildUsage : `wanna-build (mailbuildd) ${packageJson.version}\n`);
    return exitCode.ok;
  }
  const api = apiOf(parsed);
  const home = homeOf(parsed.values.get('home'));
  const conf = loadWannaBuildConf(home);
  const realUser = loginName();
  const user = userNamed(parsed.values.get('user') ?? realUser);
  if (command === 'whoami' || command === 'distribution-architectures' || command === 'distribution-aliases') {
    return configured(command, { conf, user, streams });
  }
  requireConfiguration(conf, home);
  const distributions = distributionsOf(parsed.values.get('dist') ?? defaultDistribution(conf), conf);
  const architecture = architectureOf(parsed, conf, distributions);
  const request: Request = {
    parsed,
    conf,
    home,
    streams,
    distributions,
    architecture,
    user,
    realUser,
    api,
    time: clock.now(),
  };
  if (parsed.flags.has('verbose') && !parsed.flags.has('json')) streams.out(revisionLine(args, request));
  const open = () => openStore(parsed.values.get('store') ?? conf.store, home);
  switch (command) {
    case 'info':
      return info(request, open);
    case 'list':
      return list(request, open);
    case 'history':
      return history(request, open);
    case 'add':
      return add(request, open);
    case 'merge-v3':
      return merge(request, open);
    case 'take':
    case 'built':
    case 'attempted':
    case 'uploaded':
    case 'failed':
    case 'dep-wait':
    case 'give-back':
    case 'no-build':
    case 'binNMU':
    case 'build-priority':
    case 'permanent-build-priority':
    case 'update':
    case 'forget':
      return change(command, request, open);
    default:
      return assertNever(command);
  }
}

const requireConfiguration = ({ files }: WannaBuildConf, home: string): void => {
  if (files.length > 0) return;
  const hint = 'make one, or name another home with --home';
  if (!existsSync(home)) throw new ConfigurationError(`home ${home}: no such directory; ${hint}`);
  const expected = `${join(home, 'wanna-build.toml')} or ${join(home, 'buildd.conf')} with [[distributions]]`;
  throw new ConfigurationError(`no configuration in ${home}: expected ${expected}; ${hint}`);
};

// Existing clients skip exactly one line that begins so: whatever the arguments hold must stay on it.
const revisionLine = (args: readonly string[], { distributions, architecture }: Request): string => {
  const said = args.map((argument) => `#${argument.replace(/[\u0000-\u001f\u007f]+/g, ' ')}`).join('');
  return `wanna-build Revision: ${packageJson.version} for ${distributions.join(',')} on ${architecture} - ${said}\n`;
};
