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

/** What the API logs, with a stack, for each part that a second OpenTelemetry setup registers. */
const SECOND_SETUP = /@opentelemetry\/api: Attempted duplicate registration of API: (?!diag)/;
const SECOND_SETUP_MESSAGE =
  'otel-xray: the app starts a second OpenTelemetry setup, which is ignored; its spans go to X-Ray. ' +
  'Remove that setup from the app, or remove otel-xray/register and pass our exporter, sampler and ' +
  'propagator to it.';

/**
 * Messages on which nobody can act. Those about environment variables that the SDK reads a second time:
 * `readConfig` has already validated these, and accepts values that the SDK does not know, such as the
 * sampler `xray`. That of a meter provider which a library creates, such as Apollo Gateway.
 */
const LEFT_OUT: readonly RegExp[] = [
  /^OTEL_TRACES_SAMPLER(_ARG)?\b/,
  /^Unknown value .* for OTEL_(?:SPAN_|ATTRIBUTE_|EVENT_|LINK_|BSP_)\w+, expected a number/,
  /^Accessing resource attributes before async attributes settled$/,
];

const OWN_PREFIX = 'otel-xray:';
/** Bounds the memory for messages that contain input. */
const MAX_KINDS = 1_000;

/**
 * Logs to standard error, never to standard output, which belongs to the app.
 *
 * Messages of the SDK and of instrumentations are bugs of theirs, or of the app, that a user can
 * rarely act on. Below the level `debug` each kind is therefore logged once, as one line without a
 * stack. Two messages are of one kind if they differ in ids and numbers only.
 *
 * @param write receives whole lines, each with its line break
 */
export function setLogger(level: LogLevel, write: (line: string) => void): void {
  const isDebug = LEVELS[level] >= DiagLogLevel.DEBUG;
  const kinds = new Set<string>();
  const method =
    (name: string) =>
    (message: string, ...rest: unknown[]): void => {
      const isOwn = String(message).startsWith(OWN_PREFIX);
      if (isOwn || isDebug) write(`${[name, message, ...rest.map(fullText)].join(' ')}\n`);
      else logOnce(name, [message, ...rest]);
    };
  const logOnce = (name: string, parts: readonly unknown[]): void => {
    const text = parts
      .map(shortText)
      .join(' ')
      .replaceAll(/\s*[\r\n]+\s*/g, ' ');
    if (LEFT_OUT.some((pattern) => pattern.test(text))) return;
    const kind = kindOf(text);
    if (kinds.has(kind) || kinds.size >= MAX_KINDS) return;
    kinds.add(kind);
    write(`${name} ${text} (logged once; OTEL_LOG_LEVEL=debug logs every occurrence)\n`);
  };
  const warn = method('warn');
  const error = method('error');
  let hasSecondSetup = false;
  const logger: DiagLogger = {
    error(message, ...rest) {
      if (!SECOND_SETUP.test(message)) return error(message, ...rest);
      if (!hasSecondSetup) warn(SECOND_SETUP_MESSAGE);
      hasSecondSetup = true;
    },
    warn,
    info: method('info'),
    debug: method('debug'),
    verbose: method('verbose'),
  };
  diag.setLogger(logger, { logLevel: LEVELS[level], suppressOverrideMessage: true });
}

/** Replaces ids and numbers, so that messages which differ in them alone are of one kind. */
function kindOf(text: string): string {
  return text.replaceAll(/\b(?:[0-9a-f]{16}|[0-9a-f]{32}|\d+(?:\.\d+)?)\b/g, '#');
}

/** Describes an error without its stack. */
function shortText(value: unknown): string {
  return textOf(value, (error) => (error.message === '' ? error.name : String(error)));
}

function fullText(value: unknown): string {
  return textOf(value, (error) => error.stack ?? String(error));
}

/** Never throws: the value may be an object of the app. */
function textOf(value: unknown, errorText: (error: Error) => string): string {
  if (typeof value === 'string') return value;
  try {
    if (value instanceof Error) return errorText(value);
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
