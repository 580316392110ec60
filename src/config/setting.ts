/** One row of the table of settings: where a value comes from, and what it means. */
export interface Setting<T> {
  /** Names in order of precedence, each with its own reader; empty when only code and file set it. */
  readonly env: Readonly<Record<string, (text: string) => T>>;
  /**
   * Where OpenTelemetry's declarative configuration has the same, in order of precedence. With a
   * file, the `OTEL_*` names of such a row do not count.
   */
  readonly filePaths?: readonly string[];
  readonly fallback: T;
  /** How the fallback is shown; made from it when absent. */
  readonly defaultLabel?: string;
  readonly description: string;
}

/** The rows of one family. */
export type Rows<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> };

/** What is used in place of a value that is not understood. */
export function describeDefault({ fallback, defaultLabel }: Setting<unknown>): string {
  return `the default (${defaultLabel ?? (fallback === undefined ? 'none' : String(fallback))})`;
}
