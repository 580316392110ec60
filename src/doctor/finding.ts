import type { Facts } from './facts.ts';

/**
 * The result of a check.
 *
 * - `ok`: no problem was found.
 * - `info`: a fact that has no effect on the exit code.
 * - `warn`: some data is missing or incomplete.
 * - `fail`: segments do not arrive, or the sampling rules do not apply.
 */
export type Level = 'ok' | 'info' | 'warn' | 'fail';

/** Machine-readable names of the causes that the checks distinguish, used in `--json`. */
export type Cause =
  | 'api-copies'
  | 'bundled'
  | 'clock-off'
  | 'daemon-elsewhere'
  | 'host-unknown'
  | 'instrumentation-failed'
  | 'loaded-early'
  | 'no-credentials'
  | 'no-daemon'
  | 'no-rights'
  | 'not-a-daemon'
  | 'not-reachable'
  | 'old-node'
  | 'other-tracer'
  | 'package-missing'
  | 'package-too-new'
  | 'register-missing'
  | 'rules-not-read'
  | 'samples-nothing'
  | 'setting-not-understood'
  | 'switched-off'
  | 'tcp-not-mapped';

/** One result of a check. */
export interface Finding {
  readonly level: Level;
  /** One sentence that describes the result. */
  readonly message: string;
  readonly cause?: Cause;
  /** How to fix the problem. */
  readonly fix?: string;
  /** Additional data that does not fit on one line. Included in JSON only. */
  readonly details?: Readonly<Record<string, string>>;
}

/** A function of the gathered facts. It returns one or more findings. */
export interface Check {
  /** Name of the check in the text and JSON output. */
  readonly name: string;
  readonly find: (facts: Facts) => Finding | readonly Finding[];
}

export function ok(message: string): Finding {
  return { level: 'ok', message };
}

export function info(message: string): Finding {
  return { level: 'info', message };
}

export function warn(cause: Cause, message: string, fix: string): Finding {
  return { level: 'warn', message, cause, fix };
}

export function fail(cause: Cause, message: string, fix: string): Finding {
  return { level: 'fail', message, cause, fix };
}
