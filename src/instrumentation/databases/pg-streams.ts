import { errorMonitor } from 'node:events';
import type { Span } from '@opentelemetry/api';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { failSpan } from './failed-connects.ts';

const NAME = 'pg';

type Query = (this: unknown, ...args: unknown[]) => unknown;

/** A query object that the client submits directly, such as a cursor or a stream. */
interface Submittable {
  submit(connection: unknown): void;
  readonly callback?: unknown;
  readonly text?: unknown;
  readonly values?: unknown;
  /** Of a stream. */
  readonly cursor?: { readonly text?: unknown; readonly values?: unknown };
}

/** Starts the span of a query of a client. */
type SpanOf = (client: object, query: { readonly text: string; readonly values: unknown }) => Span;

/**
 * Adds to upstream's patch of `Client.prototype.query`: a query that is an event emitter without a
 * callback ends its span.
 */
export function watchStreams(
  patch: (original: Query) => Query,
  spanOf: SpanOf,
): (original: Query) => Query {
  return (original) => {
    const patched = patch(original);
    return function query(this: unknown, ...args) {
      const [stream] = args;
      if (!isStream(stream)) return patched.apply(this, args);
      attempt(NAME, () => {
        const { text, values } = stream.cursor ?? stream;
        const query = { text: typeof text === 'string' ? text : '', values };
        endWithStream(spanOf(this as object, query), stream);
      });
      return original.apply(this, args);
    };
  };
}

function isStream(query: unknown): query is Submittable & NodeJS.EventEmitter {
  const { submit, on, callback } = (query ?? {}) as Partial<Submittable & NodeJS.EventEmitter>;
  return typeof submit === 'function' && typeof on === 'function' && callback === undefined;
}

function endWithStream(span: Span, stream: NodeJS.EventEmitter): void {
  spans.set(stream, span);
  watchErrors(stream);
  allowListeners(stream, 1);
  stream.once(errorMonitor, (error) => attempt(NAME, () => failSpan(span, error)));
  for (const name of ['end', 'close'])
    stream.once(name, () => attempt(NAME, () => span.isRecording() && span.end()));
}

/** By cursor. */
const spans = new WeakMap<object, Span>();
const watched = new WeakSet<object>();

/**
 * Wraps the method by which the client passes an error to a cursor, once for its class: a cursor
 * without a listener for `error` passes it only to the calls that read, and may never end.
 */
function watchErrors(cursor: object): void {
  const prototype = Object.getPrototypeOf(cursor) as { handleError?: unknown };
  const method = Object.getOwnPropertyDescriptor(prototype, 'handleError');
  if (typeof method?.value !== 'function' || watched.has(prototype)) return;
  watched.add(prototype);
  const original = method.value as AnyFunction;
  const value = like(original, function (this: unknown, ...args) {
    attempt(NAME, () => {
      const span = spans.get(this as object);
      if (span !== undefined) failSpan(span, args[0]);
    });
    return original.apply(this, args);
  });
  Object.defineProperty(prototype, 'handleError', { ...method, value });
}
