import { types } from 'node:util';
import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { attempt, textOf } from '../attempt.ts';
import { recordingSpan } from './context-missing.ts';
import { notesOf } from './span-notes.ts';

/** A chain of causes longer than this is most likely a circle. */
const MAX_CAUSES = 8;

/** How {@link addError} records. */
export interface ErrorOptions {
  /** The error came from the service that was called; X-Ray shows it so. */
  readonly remote?: boolean;
}

/**
 * Records an error on the span and marks it as failed.
 *
 * X-Ray shows type, message and stack of the error and of its chain of `cause`s. The same error
 * recorded twice in a row on one span is kept once. A span with an HTTP status of 400 to 499
 * becomes an *error*, any other a *fault*.
 *
 * Never throws; outside a trace it does what `AWS_XRAY_CONTEXT_MISSING` says.
 *
 * @param error anything that was thrown
 * @param span the span to record on; the active one when left out
 * @example
 * try { await pay() } catch (error) { addError(error, { remote: true }); return fallback }
 */
export function addError(error: unknown, options?: ErrorOptions, span?: Span): void {
  const target = recordingSpan(span, addError);
  if (target !== undefined) recordError(target, error, options);
}

/** Records on a span that is known; silent when the span does not record. */
export function recordError(span: Span, error: unknown, { remote }: ErrorOptions = {}): void {
  attempt('recording an error', () => {
    if (!span.isRecording()) return;
    const notes = notesOf(span);
    if ('lastError' in notes && notes.lastError === error) return;
    notes.lastError = error;
    const attributes = exceptionAttributes(error);
    if (remote !== undefined) attributes['aws.xray.exception.remote'] = remote;
    span.addEvent('exception', attributes);
    const message = attributes['exception.message'];
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(typeof message === 'string' ? { message } : {}),
    });
  });
}

/**
 * The attributes of an `exception` event.
 *
 * V8's `stack` tells nothing about `cause`, so the causes are appended as `Caused by: type: message`
 * with their frames, the form the translator makes linked exceptions of (docs/spec/translation.md section 4.4).
 */
export function exceptionAttributes(thrown: unknown): Attributes {
  const error = errorFields(thrown);
  if (error === undefined) {
    return { 'exception.type': nameOf(thrown), ...message(textOf(thrown)) };
  }
  return {
    'exception.type': typeOf(error),
    ...message(error.message),
    ...(typeof error.stack === 'string'
      ? { 'exception.stacktrace': error.stack + causes(thrown, error.cause) }
      : {}),
  };
}

interface ErrorLike {
  readonly message: string;
  readonly name?: unknown;
  readonly code?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/**
 * Reads the fields of anything that looks like an error; a field whose getter throws is absent.
 * Errors of another realm (`vm`, jest) are not an `instanceof Error`.
 */
function errorFields(value: unknown): ErrorLike | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const read = (key: string): unknown => fieldOf(value, key);
  const text = read('message');
  if (typeof text !== 'string' && !types.isNativeError(value)) return undefined;
  return {
    message: typeof text === 'string' ? text : textOf(value),
    name: read('name'),
    code: read('code'),
    stack: read('stack'),
    cause: read('cause'),
  };
}

function fieldOf(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function message(text: string): Attributes {
  return { 'exception.message': text };
}

function typeOf({ name, code }: ErrorLike): string {
  // Plain errors of Node carry their meaning in `code` (ECONNREFUSED); named ones in their name.
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  return typeof code === 'string' && code !== '' ? code : 'Error';
}

function nameOf(thrown: unknown): string {
  return thrown === null ? 'null' : typeof thrown;
}

function causes(thrown: unknown, first: unknown): string {
  const seen = new Set<unknown>([thrown]);
  let text = '';
  let next = first;
  while (!seen.has(next) && seen.size <= MAX_CAUSES) {
    const error = errorFields(next);
    if (error === undefined) break;
    seen.add(next);
    text += `\nCaused by: ${typeOf(error)}: ${error.message}${frames(error)}`;
    next = error.cause;
  }
  return text;
}

/** The `at …` lines of a stack, each on a line of its own. */
function frames({ stack, message: text }: ErrorLike): string {
  if (typeof stack !== 'string') return '';
  const after = text === '' ? -1 : stack.indexOf(text);
  const rest = after < 0 ? stack : stack.slice(after + text.length);
  return rest
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\n${line}`)
    .join('');
}
