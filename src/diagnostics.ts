import { diag } from '@opentelemetry/api';

/**
 * Said-once messages, on top of the OpenTelemetry `diag` logger.
 *
 * A tracer that repeats itself is switched off: each `key` is said at most once a process.
 */
const logged = new Set<string>();
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
export function resetOnce(key: string): void {
  logged.delete(key);
}

function first(key: string): boolean {
  if (logged.has(key) || logged.size >= MAX_KEYS) return false;
  logged.add(key);
  return true;
}
