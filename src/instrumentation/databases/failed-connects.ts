import { types } from 'node:util';
import { type Attributes, context, type Span, SpanKind, type Tracer } from '@opentelemetry/api';
import { recordFailure } from '../spans/record-failure.ts';
import { attempt } from '../wrap/guard.ts';

/** Errors that are already recorded on a span: a pool passes on those of its connections. */
const recorded = new WeakSet<object>();

/** A connection that is being established, or waited for. */
export interface ConnectAttempt {
  /** Records a span for it, unless another attempt has recorded the error. */
  failed(error: unknown): void;
}

/**
 * Starts to watch an attempt to connect.
 *
 * The time of a successful connection belongs to the query that waits for it, so no span is recorded
 * for it. A failed one has no query.
 */
export function connectAttempt(
  instrumentation: string,
  tracer: Tracer,
  name: string,
  attributes: () => Attributes,
): ConnectAttempt {
  const startMs = Date.now();
  const parent = context.active();
  return {
    failed: (error) =>
      void attempt(instrumentation, () => {
        if (isRecorded(error)) return;
        const options = { kind: SpanKind.CLIENT, attributes: attributes(), startTime: startMs };
        failSpan(tracer.startSpan(name, options, parent), error);
      }),
  };
}

/**
 * Calls a function with the error of a promise.
 *
 * @param result what a method returned; anything but a promise is returned unchanged
 * @returns a promise that settles in the same way, so that a rejection that nothing handles stays unhandled
 */
export function onRejection(result: unknown, failed: (error: unknown) => void): unknown {
  if (!types.isPromise(result)) return result;
  return result.catch((error: unknown) => {
    failed(error);
    throw error;
  });
}

/** Notes an error that a span of a command has recorded, so that no span of a connection does. */
export function noteRecorded(error: unknown): void {
  if (typeof error === 'object' && error !== null) recorded.add(error);
}

function isRecorded(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { cause } = error as { cause?: unknown };
  const isKnown =
    recorded.has(error) || (typeof cause === 'object' && cause !== null && recorded.has(cause));
  recorded.add(error);
  return isKnown;
}

/** Records an error on a span and ends it, unless it has ended: a library may report two errors. */
export function failSpan(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  recordFailure(span, error);
  span.end();
}
