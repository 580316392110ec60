/** One row of the settings table: the sources of a value and its meaning. */
export interface Setting<T> {
  /** Variables in order of precedence, each with its parser; empty if only code and file set it. */
  readonly env: Readonly<Record<string, (text: string) => T>>;
  /**
   * Paths of the setting in OpenTelemetry's declarative configuration, in order of precedence. With
   * a file, the `OTEL_*` variables of such a row are ignored.
   */
  readonly filePaths?: readonly string[];
  readonly fallback: T;
  /** Text for the default in docs and messages; derived from `fallback` if absent. */
  readonly defaultLabel?: string;
  readonly description: string;
}

/** The rows of one group of settings. */
export type Rows<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> };

/** Describes the default of a setting, for messages about invalid values. */
export function describeDefault({ fallback, defaultLabel }: Setting<unknown>): string {
  return `the default (${defaultLabel ?? (fallback === undefined ? 'none' : String(fallback))})`;
}
