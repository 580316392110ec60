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
  for (const [name, row] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const hides = file !== undefined && row.filePaths !== undefined;
    const names = Object.keys(row.env);
    const counts = (variable: string): boolean =>
      !hides || !variable.startsWith('OTEL_') || file.honoredVariables.includes(variable);
    ignored.push(...names.filter((variable) => !counts(variable) && env[variable]?.trim()));
    const variable = fromEnvironment(row, names.filter(counts), env, problems);
    const field = fromFile(file, name);
    const set = (hides ? (field ?? variable) : (variable ?? field)) ?? fromCode(options[name], row);
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
  const set = fromEnvironment(row, Object.keys(row.env), env, problems);
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

function fromEnvironment(
  row: Setting<unknown>,
  names: readonly string[],
  env: Environment,
  problems: string[],
): Found | undefined {
  for (const variable of names) {
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
