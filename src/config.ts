import type { FileSettings, ReadConfigFile } from './config/file-reader.ts';
import { describeDefault } from './config/setting.ts';
import {
  type Config,
  SETTINGS,
  type Setting,
  type SettingName,
  type SomeSettings,
} from './config/settings.ts';
import { requireChunk } from './lazy-require.ts';

export type { Config } from './config/settings.ts';

/** Who set a value: the name of a variable, `code` or `default`. */
export type Origins = Readonly<Record<SettingName, string>>;

export interface ReadConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** One line for each value that was not understood: variable, text, and what is used instead. */
  readonly problems: readonly string[];
  /** Variables that are set and do not count, because a configuration file is in force. */
  readonly ignored: readonly string[];
}

/** Options of `start()`; the environment wins over them, as it does in the X-Ray SDKs. */
export type ConfigOptions = SomeSettings;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a configuration file; throws when it cannot be used. */
export type ReadFile = (path: string, env: Environment) => FileSettings;

/**
 * Reads the whole configuration once. Never throws: a wrong value is reported and the next source
 * is used. An empty value counts as unset.
 *
 * Precedence: `OTEL_*`, `AWS_XRAY_*`, option, default. With a configuration file, what it has a
 * place for comes from it instead of from `OTEL_*`; other settings in it yield to the environment.
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

/** The file that the environment or the code names; one that cannot be used is reported. */
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
    problems.push(`${shown} is not used: ${reason}; the environment is used instead`);
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
      problems.push(
        `${variable}=${JSON.stringify(text)} is not used: ${reason}; ${describeDefault(row)} is used instead`,
      );
    }
  }
  return undefined;
}
