// From the configuration to the builder. The only place that knows all of them.
import type { BuilddConf } from '../config/buildd-conf.ts';
import { ConfigurationError, assertNever } from '../platform/errors.ts';
import type { Builder } from './builder.ts';
import { commandBuilder } from './command.ts';
import { dpkgBuilder } from './dpkg.ts';
import { sbuildBuilder } from './sbuild.ts';

interface BuilderSettings {
  /** Seconds that a build gets to end after TERM; 120 where it is not said. */
  readonly killAfter?: number;
}

const defaultKillAfter = 120;

/**
 * The builder that the configuration asks for. Nothing is started yet; ask it for unusable() first.
 * @throws ConfigurationError for `command` without a command.
 */
export function builderFor(
  conf: Pick<BuilddConf, 'builder' | 'sbuild_args' | 'build_user'>,
  settings: BuilderSettings = {},
): Builder {
  const killAfter = settings.killAfter ?? defaultKillAfter;
  const { use, command, bubblewrap, network } = conf.builder;
  switch (use) {
    case 'sbuild':
      return sbuildBuilder({ user: conf.build_user ?? null, sbuildArgs: conf.sbuild_args, killAfter });
    case 'dpkg':
      return dpkgBuilder({
        sandbox: bubblewrap ? 'bubblewrap' : 'none',
        network: network ? 'host' : 'none',
        killAfter,
      });
    case 'command':
      if (command === undefined || command.build.length === 0) {
        throw new ConfigurationError(
          'buildd.conf: builder.command.build: expected the program to run, with its arguments, for the command builder',
        );
      }
      return commandBuilder({
        build: command.build,
        create: command.create ?? null,
        delete: command.delete ?? null,
        killAfter,
      });
    default:
      return assertNever(use);
  }
}
