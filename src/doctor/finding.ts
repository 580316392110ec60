import type { Facts } from './facts.ts';

/**
 * How a check ended: `ok`; `info`, which changes nothing; `warn`, by which something is missing;
 * `fail`, by which segments do not arrive or sampling rules do not count.
 */
export type Level = 'ok' | 'info' | 'warn' | 'fail';

/** Names for machines (`--json`), one for each cause that can be told apart. */
export type Cause =
  | 'api-copies'
  | 'bundled'
  | 'clock-off'
  | 'daemon-elsewhere'
  | 'host-unknown'
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

/** What one check has to say. */
export interface Finding {
  readonly level: Level;
  /** One sentence about what was found. */
  readonly message: string;
  readonly cause?: Cause;
  /** What to do about it. */
  readonly fix?: string;
  /** More than a line holds; in JSON only. */
  readonly details?: Readonly<Record<string, string>>;
}

/** A small function over the gathered facts; several findings when there is more than one thing. */
export interface Check {
  /** Name of the check in text and JSON. */
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
