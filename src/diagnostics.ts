import { diag } from '@opentelemetry/api';

/**
 * Messages that are logged at most once per process and key, on top of OpenTelemetry's `diag` logger.
 */
const logged = new Set<string>();
/** Bounds the memory for keys that contain input. */
const MAX_KEYS = 1_000;

/** Logs a warning once per `key`; `key` defaults to the message. */
export function warnOnce(message: string, key: string = message): void {
  if (first(key)) diag.warn(`otel-xray: ${message}`);
}

/** Logs an info message once per `key`; `key` defaults to the message. */
export function infoOnce(message: string, key: string = message): void {
  if (first(key)) diag.info(`otel-xray: ${message}`);
}

/** Allows the message of this key to be logged again, e.g. after the fault has ended. */
export function resetOnce(key: string): void {
  logged.delete(key);
}

function first(key: string): boolean {
  if (logged.has(key) || logged.size >= MAX_KEYS) return false;
  logged.add(key);
  return true;
}
