import type { Attributes } from '@opentelemetry/api';
import { textOf } from '../attempt.ts';

/** The most exceptions that are linked to one: its causes, and the errors of an `AggregateError`. */
const MAX_LINKED = 15;
/** The most messages that become the message of an `AggregateError` without one. */
const MAX_MESSAGES = 5;

/**
 * Returns the attributes of an `exception` event.
 *
 * `exception.type` is the name of the class; a plain `Error` with a code such as `ECONNREFUSED` is
 * of that type. Any other code is `exception.code`.
 *
 * V8's `stack` contains neither `cause` nor `errors`, so these are appended, each with its frames:
 * `Caused by: type: message` and `[errors]: type: message`. The translator makes linked exceptions
 * of them (docs/spec/translation.md section 4.4).
 *
 * @param thrown anything that was thrown, also what throws when it is looked at
 */
export function exceptionAttributes(thrown: unknown): Attributes {
  const { type, code, message, stack } = describe(thrown);
  const links = linked(thrown, new Set([thrown]));
  const text = stack ?? (links === '' ? undefined : `${type}: ${message}`);
  return {
    'exception.type': type,
    'exception.message': message,
    ...(code === undefined ? {} : { 'exception.code': code }),
    ...(text === undefined ? {} : { 'exception.stacktrace': text + links }),
  };
}

interface Description {
  readonly type: string;
  readonly code?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
}

function describe(thrown: unknown): Description {
  if (typeof thrown === 'function') return { type: 'function', message: nameOf(thrown) };
  if (typeof thrown !== 'object' || thrown === null) {
    return { type: thrown === null ? 'null' : typeof thrown, message: textOf(thrown) };
  }
  const message = fieldOf(thrown, 'message');
  const stack = fieldOf(thrown, 'stack');
  // Errors of another realm (`vm`, jest) are not an `instanceof Error`.
  if (typeof message !== 'string' && typeof stack !== 'string') {
    return { type: 'object', message: textOf(thrown) };
  }
  const type = typeOf(thrown);
  const code = codeOf(thrown);
  const shown = typeof message === 'string' && message !== '' ? message : reasonsOf(thrown);
  return {
    type,
    code: code === undefined || code === type || shown.includes(code) ? undefined : code,
    message: shown,
    stack: typeof stack === 'string' ? stack : undefined,
  };
}

/** Reads a property; one whose getter throws is absent. */
function fieldOf(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function nameOf(value: object): string {
  const name = fieldOf(value, 'name');
  return typeof name === 'string' ? name : '';
}

/** Names that say only that it is an error; errors of PostgreSQL have the second. */
const GENERIC: ReadonlySet<string> = new Set(['', 'Error', 'error', 'Object']);
/** `ECONNREFUSED`, `ER_NO_SUCH_TABLE`; not the numbers of MongoDB, gRPC or SQLSTATE. */
const SYMBOLIC = /^[A-Z][A-Z_]+[A-Z0-9_]*$/;

function typeOf(error: object): string {
  const name = nameOf(error);
  if (!GENERIC.has(name)) return name;
  const made = fieldOf(error, 'constructor');
  const className = typeof made === 'function' ? nameOf(made) : '';
  // A minifier shortens the names of classes.
  if (!GENERIC.has(className) && className.length > 2) return className;
  const code = fieldOf(error, 'code');
  return typeof code === 'string' && SYMBOLIC.test(code) ? code : 'Error';
}

/**
 * Returns the code of an error; not the numbers of a `DOMException`, which its name says better.
 */
function codeOf(error: object): string | undefined {
  const code = fieldOf(error, 'code');
  if (typeof code === 'string') return code === '' ? undefined : code;
  return typeof code === 'number' && !isDomException(error) ? String(code) : undefined;
}

function isDomException(error: object): boolean {
  return fieldOf(error, Symbol.toStringTag as never) === 'DOMException';
}

/**
 * Returns the errors of an `AggregateError`, and both of a `SuppressedError`, which `using` throws.
 */
function errorsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (nameOf(value) === 'SuppressedError')
    return [fieldOf(value, 'error'), fieldOf(value, 'suppressed')];
  const errors = fieldOf(value, 'errors');
  try {
    return Array.isArray(errors) ? errors.slice(0, MAX_LINKED) : [];
  } catch {
    return [];
  }
}

/**
 * Returns what the errors of an `AggregateError` say, which has an empty message when Node makes
 * it.
 */
function reasonsOf(error: object): string {
  const messages = new Set(errorsOf(error).map((each) => oneLine(describe(each).message)));
  return [...messages].slice(0, MAX_MESSAGES).join('; ');
}

/** Returns the exceptions behind one, each followed by those behind it. */
function linked(thrown: unknown, seen: Set<unknown>): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  let text = causeText(thrown, fieldOf(thrown, 'cause'), seen);
  for (const error of errorsOf(thrown)) text += link('[errors]', error, seen);
  return text;
}

function causeText(thrown: object, cause: unknown, seen: Set<unknown>): string {
  if (cause === undefined || cause === null) return '';
  if (seen.has(cause) || !isRepeated(cause, thrown)) return link('Caused by', cause, seen);
  seen.add(cause);
  return linked(cause, seen);
}

/**
 * Returns whether a cause is a plain object whose properties the error has as well: the options that an
 * `HTTPError` of h3 was created with. It says nothing new, but can have a cause itself.
 */
function isRepeated(cause: unknown, error: object): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  try {
    if (Object.getPrototypeOf(cause) !== Object.prototype) return false;
    const values = Object.entries(cause);
    const simple = values.filter(([, value]) => typeof value !== 'object' || value === null);
    return (
      simple.length > 0 &&
      simple.every(([key, value]) => fieldOf(error, key) === value) &&
      values.every(([key]) => key in error)
    );
  } catch {
    return false;
  }
}

function link(how: string, error: unknown, seen: Set<unknown>): string {
  if (seen.has(error) || seen.size > MAX_LINKED) return '';
  seen.add(error);
  const { type, message, stack } = describe(error);
  return `\n${how}: ${type}: ${oneLine(message)}${framesOf(stack, message)}${linked(error, seen)}`;
}

function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ');
}

/** Returns the `at …` lines of a stack, each on a line of its own. */
function framesOf(stack: string | undefined, message: string): string {
  if (stack === undefined) return '';
  const after = message === '' ? -1 : stack.indexOf(message);
  return stack
    .slice(after < 0 ? 0 : after + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\n${line}`)
    .join('');
}
