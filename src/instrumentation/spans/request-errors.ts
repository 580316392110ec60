import { types } from 'node:util';
import { type Context, context, type Span, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { recordError, recordHandledError } from '../../api/errors.ts';
import { firstSpanOf } from '../../api/local-root.ts';
import { attempt } from '../wrap/guard.ts';
import { noteHandedOn, openHandlerOf } from './handler-spans.ts';

/** How many errors are known for each request; an older one may be recorded again. */
const MAX_KNOWN = 32;

/** Property of the first span of a request with the errors that the request has recorded. */
const RECORDED: unique symbol = Symbol('otel-xray recorded errors');

interface MarkedSpan extends Span {
  [RECORDED]?: unknown[];
}

/** How many parts of an error of several are compared. */
const MAX_PARTS = 10;

/**
 * Returns whether the request of a span has recorded an error, which its trace shows once, or all parts of
 * an error that consists of others.
 */
export function isRecorded(span: Span, error: unknown): boolean {
  const known = recordedErrors(span);
  if (known.includes(error)) return true;
  if (known.length === 0) return false;
  const parts = partsOf(error);
  return parts.length > 0 && parts.every((part) => known.includes(part));
}

/** Never throws: an app can throw objects whose properties cannot be read. */
function partsOf(error: unknown): readonly unknown[] {
  try {
    const { errors } = Object(error) as { readonly errors?: unknown };
    return Array.isArray(errors) ? errors.slice(0, MAX_PARTS) : [];
  } catch {
    return [];
  }
}

/** Returns the errors that the request of a span has recorded, the latest last. */
export function recordedErrors(span: Span): readonly unknown[] {
  return (firstSpanOf(span) as MarkedSpan)[RECORDED] ?? [];
}

/** Notes that the request of a span has recorded an error: handlers and middleware pass the same one on. */
export function noteRecorded(span: Span, error: unknown): void {
  const first = firstSpanOf(span) as MarkedSpan;
  first[RECORDED] ??= [];
  const known = first[RECORDED];
  if (known.includes(error)) return;
  if (known.length === MAX_KNOWN) known.shift();
  known.push(error);
}

/** Records an error on a span, unless its request has recorded it already. */
export function recordOnce(
  span: Span,
  error: unknown,
  record: typeof recordError = recordError,
): void {
  if (isRecorded(span, error)) return;
  record(span, error);
  noteRecorded(span, error);
}

/**
 * Records an error that a framework passes to its error handlers: on the handler that is still open,
 * otherwise on the segment. The status of the response decides whether they failed.
 *
 * @param instrumentation name for error messages
 * @param outer where the request started, for apps that lose the context
 */
export function recordRequestError(
  instrumentation: string,
  error: unknown,
  outer: Context | undefined = undefined,
): void {
  attempt(instrumentation, () => {
    const request = requestSpan(context.active()) ?? (outer && requestSpan(outer));
    if (request === undefined) return;
    const span = openHandlerOf(request) ?? request;
    if (!span.isRecording() || isRecorded(span, error) || isBody(span, error)) return;
    recordHandledError(span, error);
    noteRecorded(span, error);
    noteHandedOn(span);
  });
}

/**
 * Returns whether an app seems to pass the body of its response to `next`: a plain object, in a request that has
 * recorded what went wrong already.
 */
function isBody(span: Span, error: unknown): boolean {
  return (
    typeof error === 'object' &&
    !(error instanceof Error || types.isNativeError(error)) &&
    (firstSpanOf(span) as MarkedSpan)[RECORDED] !== undefined
  );
}

/**
 * Returns the segment; the current span where no server of `node:http` got the request, as in
 * Lambda.
 */
function requestSpan(active: Context): Span | undefined {
  return getRPCMetadata(active)?.span ?? trace.getSpan(active);
}
