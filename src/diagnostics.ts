import { diag } from '@opentelemetry/api';

/**
 * Said-once messages, on top of the OpenTelemetry `diag` logger.
 *
 * A tracer that repeats itself is switched off: each `key` is said at most once a process.
 */
const said = new Set<string>();
/** Enough for every message of ours; a key made from input must not grow memory without end. */
const MAX_KEYS = 1_000;

/** Warns once per `key`; `key` defaults to the message. */
export function warnOnce(message: string, key: string = message): void {
  if (first(key)) diag.warn(`otel-xray: ${message}`);
}

/** Informs once per `key`; `key` defaults to the message. */
export function infoOnce(message: string, key: string = message): void {
  if (first(key)) diag.info(`otel-xray: ${message}`);
}

/** Lets the message of this key be said again, e.g. after the fault it speaks of has ended. */
export function sayAgain(key: string): void {
  said.delete(key);
}

function first(key: string): boolean {
  if (said.has(key) || said.size >= MAX_KEYS) return false;
  said.add(key);
  return true;
}
