/**
 * The configuration: one schema, filled from defaults, a file, the environment and flags, each value with its origin.
 * Over 300 lines because every setting stands in one table.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import { SETTINGS } from './settings.ts';

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> };
export interface Origin {
  readonly name: SettingName;
  readonly value: string | number;
  readonly origin: string;
}

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Environment variable of a setting: its own well-known one, or `WAYLEAVE_` + upper snake case. */
export function envName(name: SettingName): string {
  const row = SETTINGS[name];
  if ('env' in row) return row.env;
  return `WAYLEAVE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Command line flag of a setting: `--broker-port`. */
export const flagName = (name: SettingName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Flags win over the environment, that over the file, that over the presets. An unknown key in the file and a value
 * that does not fit are `CONFIG_INVALID`, with the place they came from.
 */
export function loadConfig(
  flags: { readonly [name: string]: unknown },
  env: { readonly [name: string]: string | undefined },
  file?: string,
): { readonly config: Config; readonly origins: readonly Origin[] } {
  const chosen = file ?? env['WAYLEAVE_CONFIG'];
  const path_ = chosen ?? 'wayleave.yaml';
  const fromFile = readSettings(path_, chosen !== undefined);
  const origins = SETTING_NAMES.map((name): Origin => {
    const candidates: readonly (readonly [unknown, string])[] = [
      [flags[name], `flag ${flagName(name)}`],
      [env[envName(name)] || undefined, `environment ${envName(name)}`],
      [fromFile[name], `file ${path_}`],
      [SETTINGS[name].preset, 'preset'],
    ];
    const [raw, origin] = candidates.find(([value]) => value !== undefined) ?? ['', 'preset'];
    const parsed = SETTINGS[name].schema.safeParse(raw);
    if (!parsed.success) {
      throw new WayleaveError(
        'CONFIG_INVALID',
        `${name} from ${origin}: ${parsed.error.issues[0]?.message ?? 'invalid'}`,
      );
    }
    return { name, value: parsed.data, origin };
  });
  const config = Object.fromEntries(origins.map(({ name, value }) => [name, value])) as unknown as Config;
  return { config: { ...config, home: path.resolve(config.home) }, origins };
}

function readSettings(file: string, demanded: boolean): { readonly [name: string]: unknown } {
  if (!existsSync(file)) {
    if (demanded) throw new WayleaveError('CONFIG_INVALID', `The configuration file ${file} does not exist.`);
    return {};
  }
  let read: unknown;
  try {
    read = parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 }) ?? {};
  } catch (error) {
    throw new WayleaveError(
      'CONFIG_INVALID',
      `${file}: ${error instanceof Error ? error.message.split('\n')[0] : 'unreadable'}`,
    );
  }
  const parsed = z.record(z.string(), z.union([z.string(), z.number()])).safeParse(read);
  if (!parsed.success)
    throw new WayleaveError('CONFIG_INVALID', `${file}: a flat list of names and values is expected`);
  const unknown = Object.keys(parsed.data).find((name) => !(name in SETTINGS));
  if (unknown !== undefined) throw new WayleaveError('CONFIG_INVALID', `${file}: there is no setting ${unknown}`);
  return parsed.data;
}
