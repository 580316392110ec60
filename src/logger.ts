import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { LogLevel } from './config/settings.ts';

const LEVELS: Readonly<Record<LogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** What the API says, with a stack, for every part that somebody registers after us. */
const SECOND_SET_UP = /@opentelemetry\/api: Attempted duplicate registration of API: (?!diag)/;
const SECOND_SET_UP_SAID =
  'otel-xray: the app starts an OpenTelemetry set-up of its own, which is not used: its spans ' +
  'go on to X-Ray. Take it out of the app; or leave out otel-xray/register, and give it our ' +
  'exporter, sampler and propagator.';

/**
 * Sends what OpenTelemetry and we have to say to standard error, never to standard output, which
 * belongs to the app.
 */
export function setLogger(level: LogLevel, write: (line: string) => void): void {
  const line =
    (name: string) =>
    (message: string, ...rest: unknown[]): void => {
      write(`${[name, message, ...rest.map(text)].join(' ')}\n`);
    };
  const warn = line('warn');
  const error = line('error');
  let second = false;
  const logger: DiagLogger = {
    error(message, ...rest) {
      if (!SECOND_SET_UP.test(message)) return error(message, ...rest);
      if (!second) warn(SECOND_SET_UP_SAID);
      second = true;
    },
    warn,
    info: line('info'),
    debug: line('debug'),
    verbose: line('verbose'),
  };
  diag.setLogger(logger, { logLevel: LEVELS[level], suppressOverrideMessage: true });
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
