import { type Config, SETTINGS, type Setting, type SettingName } from './config/settings.ts';

export type { Config } from './config/settings.ts';

/** Who set a value: the name of a variable, `code` or `default`. */
export type Origins = Readonly<Record<SettingName, string>>;

export interface ReadConfig {
  readonly config: Config;
  readonly origins: Origins;
  /** One line for each value that was not understood: variable, text, and what is used instead. */
  readonly problems: readonly string[];
}

/** Options of `start()`; the environment wins over them, as it does in the X-Ray SDKs. */
export type ConfigOptions = { readonly [Name in SettingName]?: Config[Name] | undefined };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole configuration once. Never throws: a wrong value is reported and the next source
 * is used. An empty value counts as unset.
 *
 * Precedence: `OTEL_*`, `AWS_XRAY_*`, option, default.
 *
 * @see spec/environment.md
 */
export function readConfig(env: Environment, options: ConfigOptions = {}): ReadConfig {
  const config: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, row] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const set = fromEnvironment(row, env, problems);
    const option = options[name];
    config[name] = set ? set.value : (option ?? row.fallback);
    origins[name] = set ? set.variable : option === undefined ? 'default' : 'code';
  }
  return { config: config as unknown as Config, origins: origins as Origins, problems };
}

function fromEnvironment(
  row: Setting<unknown>,
  env: Environment,
  problems: string[],
): { readonly value: unknown; readonly variable: string } | undefined {
  for (const [variable, parse] of Object.entries(row.env)) {
    const text = env[variable]?.trim();
    if (text === undefined || text === '') continue;
    try {
      return { value: parse(text), variable };
    } catch (error) {
      const reason = error instanceof TypeError ? error.message : String(error);
      problems.push(
        `${variable}=${JSON.stringify(text)} is not used: ${reason}; ${instead(row)} is used instead`,
      );
    }
  }
  return undefined;
}

function instead({ fallback, shown }: Setting<unknown>): string {
  return `the default (${shown ?? (fallback === undefined ? 'none' : String(fallback))})`;
}
