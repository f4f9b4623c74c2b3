// The annotated samples in etc/: they load, and they show every key that there is, with its default.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterEach, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { builddConfSchema } from '../../src/config/buildd-conf.ts';
import { loadBuilddConf, loadWannaBuildConf } from '../../src/config/load.ts';
import { wannaBuildConfSchema } from '../../src/config/wanna-build-conf.ts';

const etc = join(import.meta.dirname, '..', '..', 'etc');
const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A home with the samples as they are. */
const home = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'mb-etc-'));
  directories.push(directory);
  for (const name of ['buildd.conf', 'wanna-build.toml']) copyFileSync(join(etc, name), join(directory, name));
  return directory;
};

/** A sample with every key that it only shows switched on. */
const everything = (name: string): Record<string, unknown> =>
  parse(readFileSync(join(etc, name), 'utf8').replace(/^#(?=[a-z[])/gm, ''));

// What of valibot's schemas this walk reads; they are plain objects.
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly options?: readonly Schema[];
  readonly pipe?: readonly Schema[];
  readonly default?: unknown;
}

/** The keys of a schema as `table.key`, each with its default where it has a plain one; lists of tables as tables. */
const keysOf = (schema: Schema, path = ''): Map<string, unknown> => {
  if (schema.entries !== undefined) {
    return new Map(
      Object.entries(schema.entries).flatMap(([key, entry]) => {
        const below = [...keysOf(entry, `${path}${key}.`)];
        const own = entry.type === 'optional' ? entry.default : undefined;
        return below.length > 0 ? below : [[`${path}${key}`, own] as [string, unknown]];
      }),
    );
  }
  // A pipe's own first step is the schema itself again.
  const inner = [
    schema.wrapped,
    schema.item,
    ...(schema.options ?? []),
    schema.pipe?.[0] === schema ? undefined : schema.pipe?.[0],
  ];
  return new Map(inner.flatMap((one) => (one === undefined ? [] : [...keysOf(one, path)])));
};

/** The same of a TOML table. */
const keysIn = (value: unknown, path = ''): Map<string, unknown> => {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object'))
    return new Map(value.flatMap((item) => [...keysIn(item, path)]));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path.slice(0, -1), value]]);
  return new Map(Object.entries(value).flatMap(([key, item]) => [...keysIn(item, `${path}${key}.`)]));
};

const schemaOf = (schema: v.GenericSchema): Schema => schema;

describe('etc/buildd.conf', () => {
  it('loads as it is, and sets nothing but a distribution', () => {
    const conf = loadBuilddConf(home(), '/nonexistent');
    expect(conf.distributions.map(({ dist_name }) => dist_name)).toEqual(['sid']);
    expect(conf.notices).toEqual([]);
    expect(conf).toMatchObject({ admin_mail: 'root', dupload_to: 'erlangen', build_timeout: 86_400 });
  });

  it('shows every key that there is, and no other', () => {
    expect([...keysIn(everything('buildd.conf')).keys()].sort()).toEqual(
      [...keysOf(schemaOf(builddConfSchema)).keys()].sort(),
    );
  });

  it('shows only values that are taken', () => {
    expect(v.safeParse(builddConfSchema, everything('buildd.conf')).issues).toBeUndefined();
  });

  it('shows the default of every key that has one', () => {
    const shown = keysIn(everything('buildd.conf'));
    for (const [key, value] of keysOf(schemaOf(builddConfSchema))) {
      if (value !== undefined) expect(shown.get(key), key).toEqual(value);
    }
  });
});

describe('etc/wanna-build.toml', () => {
  it('loads as it is', () => {
    expect(loadWannaBuildConf(home(), '/nonexistent').store).toBe('sqlite:wanna-build.db');
  });

  it('shows only values that are taken', () => {
    expect(v.safeParse(wannaBuildConfSchema, everything('wanna-build.toml')).issues).toBeUndefined();
  });

  it('shows every key that there is, with the default of every key that has one', () => {
    const shown = keysIn(everything('wanna-build.toml'));
    for (const [key, value] of keysOf(schemaOf(wannaBuildConfSchema))) {
      // Tables of weights hold whatever names the admin gives them.
      expect(
        [...shown.keys()].some((name) => name === key || name.startsWith(`${key}.`)),
        key,
      ).toBe(true);
      if (value !== undefined && typeof value !== 'object') expect(shown.get(key), key).toEqual(value);
    }
  });
});

describe('the other samples', () => {
  it('start only commands that there are', () => {
    const bin = readdirSync(join(etc, '..', 'bin'));
    const texts = ['forward', 'crontab', ...readdirSync(join(etc, 'systemd')).map((name) => join('systemd', name))].map(
      (name) => readFileSync(join(etc, name), 'utf8'),
    );
    const named = texts.flatMap((text) =>
      [...text.matchAll(/(?:\/usr\/bin\/|\*  |@reboot {13})(buildd[a-z-]*)/g)].map((match) => match[1] ?? ''),
    );
    expect(new Set(named)).toEqual(new Set(['buildd', 'buildd-mail', 'buildd-uploader', 'buildd-watcher']));
    expect(named.filter((name) => !bin.includes(name))).toEqual([]);
  });
});
