import { diag } from '@opentelemetry/api';

/** A logger for `setLogger`, with the methods of `console`, winston or pino. */
export interface Logger {
  debug(...args: unknown[]): unknown;
  info(...args: unknown[]): unknown;
  warn(...args: unknown[]): unknown;
  error(...args: unknown[]): unknown;
}

/** Logs through OpenTelemetry's `diag`, so that `OTEL_LOG_LEVEL` applies. */
const diagLogger: Logger = {
  debug: (message, ...rest) => diag.debug(prefixed(message), ...rest),
  info: (message, ...rest) => diag.info(prefixed(message), ...rest),
  warn: (message, ...rest) => diag.warn(prefixed(message), ...rest),
  error: (message, ...rest) => diag.error(prefixed(message), ...rest),
};

let logger: Logger = diagLogger;

/** Replaces the logger of the facade. The tracer continues to log through `diag`. */
export function setLogger(next: Logger): void {
  logger = next;
}

/** Returns the logger in use. */
export function getLogger(): Logger {
  return logger;
}

/** Logs through the logger in use. Errors that a logger of the app throws do not reach the caller. */
export function log(level: keyof Logger, message: string): void {
  try {
    logger[level](message);
  } catch (error) {
    diag.debug(`otel-xray: the logger given to setLogger() threw: ${String(error)}`);
  }
}

function prefixed(message: unknown): string {
  return `otel-xray: ${String(message)}`;
}
