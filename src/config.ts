import type { FileSettings, ReadConfigFile } from './config/file-reader.ts';
import { describeDefault } from './config/setting.ts';
import {
  type Config,
  SETTINGS,
  type Setting,
  type SettingName,
  type SomeSettings,
} from './config/settings.ts';
import { withoutUserInfo } from './config/user-info.ts';
import { requireChunk } from './lazy-require.ts';

export type { Config } from './config/settings.ts';

/** The source of each value: the name of a variable, `code` or `default`. */
export type Origins = Readonly<Record<SettingName, string>>;

export interface ReadConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** One line per invalid value: variable, text, what was expected, and the value in use. */
  readonly problems: readonly string[];
  /** Variables that are set but ignored because a configuration file is in use. */
  readonly ignored: readonly string[];
}

/** Options of `start()`. Environment variables override them, as in the X-Ray SDKs. */
export type ConfigOptions = SomeSettings;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a configuration file. Throws if it cannot be read or is invalid as a whole. */
export type ReadFile = (path: string, env: Environment) => FileSettings;

/**
 * Reads the whole configuration. Never throws: an invalid value is reported, and the next source
 * applies. An empty value counts as unset.
 *
 * Precedence: `OTEL_*`, `AWS_XRAY_*`, option, default. A configuration file replaces the `OTEL_*`
 * variables of the settings that its schema contains; the environment overrides its other settings.
 *
 * @see docs/spec/environment.md
 */
export function readConfig(
  env: Environment,
  options: ConfigOptions = {},
  readFile: ReadFile = fromChunk,
): ReadConfig {
  const config: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  const problems: string[] = [];
  const ignored: string[] = [];
  const file = configFile(env, options, readFile, problems);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const row: Setting<unknown> = SETTINGS[name];
    const hiding = row.filePaths === undefined ? undefined : file;
    if (hiding !== undefined) ignored.push(...hiddenBy(hiding, row, env));
    const variable = fromEnvironment(row, env, problems, hiding);
    const field = fromFile(file, name);
    const set =
      (hiding === undefined ? (variable ?? field) : (field ?? variable)) ??
      fromCode(options[name], row);
    config[name] = set.value;
    origins[name] = set.origin;
  }
  return { config: config as unknown as Config, origins: origins as Origins, problems, ignored };
}

interface Found {
  readonly value: unknown;
  /** The name of the variable. */
  readonly origin: string;
}

interface File {
  readonly values: SomeSettings;
  readonly honoredVariables: readonly string[];
  readonly origin: string;
}

function fromChunk(path: string, env: Environment): FileSettings {
  const { readConfigFile } = requireChunk<{ readConfigFile: ReadConfigFile }>('config-file');
  return readConfigFile(path, env, { settings: SETTINGS, describeDefault });
}

/** Reads the file that the environment or the code names. Reports a file that cannot be used. */
function configFile(
  env: Environment,
  options: ConfigOptions,
  readFile: ReadFile,
  problems: string[],
): File | undefined {
  const row = SETTINGS.configFile;
  const set = fromEnvironment(row, env, problems);
  const path = set?.value ?? options.configFile;
  if (typeof path !== 'string') return undefined;
  const origin = set?.origin ?? 'configFile';
  const shown = `${origin}=${JSON.stringify(path)}`;
  try {
    const { values, honoredVariables, problems: found } = readFile(path, env);
    problems.push(...found.map((problem) => `${shown}: ${problem}`));
    return { values, honoredVariables, origin };
  } catch (error) {
    const reason = (error as Error).message;
    problems.push(`${shown}: ${reason}; using the environment`);
    return undefined;
  }
}

function fromFile(file: File | undefined, name: SettingName): Found | undefined {
  const value = file?.values[name];
  return file === undefined || value === undefined ? undefined : { value, origin: file.origin };
}

function fromCode(option: unknown, { fallback }: Setting<unknown>): Found {
  return option === undefined
    ? { value: fallback, origin: 'default' }
    : { value: option, origin: 'code' };
}

/** Returns the variables of a setting that are set, but replaced by a configuration file. */
function hiddenBy(file: File, row: Setting<unknown>, env: Environment): string[] {
  return Object.keys(row.env).filter((name) => hides(file, name) && env[name]?.trim());
}

function hides(file: File, variable: string): boolean {
  return variable.startsWith('OTEL_') && !file.honoredVariables.includes(variable);
}

/** @param file the configuration file that contains the setting */
function fromEnvironment(
  row: Setting<unknown>,
  env: Environment,
  problems: string[],
  file?: File,
): Found | undefined {
  for (const variable in row.env) {
    if (file !== undefined && hides(file, variable)) continue;
    const text = env[variable]?.trim();
    if (text === undefined || text === '') continue;
    try {
      return { value: row.env[variable]?.(text), origin: variable };
    } catch (error) {
      const reason = error instanceof TypeError ? error.message : String(error);
      const problem = `${variable}=${JSON.stringify(text)}: ${reason}; using ${describeDefault(row)}`;
      problems.push(withoutUserInfo(problem));
    }
  }
  return undefined;
}
