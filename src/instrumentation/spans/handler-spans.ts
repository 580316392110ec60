import { context, type Span, SpanStatusCode } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { currentTimeOf } from '../../span-clock.ts';
import { onStart, type StartProcessor } from '../../start-processor.ts';
import { HANDLER_STATUS } from '../../translator/context/handler-status.ts';

/** Attributes of the spans that frameworks create for handlers and middleware. */
const FRAMEWORK_KEYS: ReadonlySet<string> = new Set([
  'express.type',
  'koa.type',
  'fastify.type',
  'fastify.root',
  'nestjs.type',
  'nitro.type',
  'adonisjs.type',
  'h3.type',
  'srvx.type',
  'hapi.type',
  'connect.type',
  'restify.type',
  'router.type',
]);
const INTERNAL = 0;

interface SpanEvent {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** A readable span of the SDK. */
interface HandlerSpan extends Span {
  status: { readonly code: number };
  readonly events: SpanEvent[];
  readonly attributes: Record<string, unknown>;
}

/** Property of the span of a request with those of its handlers; much cheaper than an entry of a `WeakMap`. */
const HANDLERS: unique symbol = Symbol('otel-xray handlers');

interface RequestSpan extends Span {
  [HANDLERS]?: HandlerSpan[] | undefined;
}

/** Ends of handler spans that wait for the response. */
const waitingEnds = new WeakMap<Span, Span['end']>();

/** Exceptions of segments that are removed if the response is successful. */
const flowControl = new WeakSet<SpanEvent>();

/**
 * Returns a span processor that remembers the handler spans of each request, whose flags follow the
 * status of the response: an exception may be flow control, which a later handler turns into a
 * response.
 */
export function handlerSpans(): StartProcessor {
  return onStart((span, parentContext) => {
    if (span.kind !== INTERNAL || !isOfFramework(span.attributes)) return;
    const request = getRPCMetadata(parentContext)?.span as RequestSpan | undefined;
    if (request === undefined) return;
    request[HANDLERS] ??= [];
    request[HANDLERS].push(span as unknown as HandlerSpan);
  });
}

/** Looks up the attributes, of which most spans have few: to look for each of the keys took 0.2 µs more. */
function isOfFramework(attributes: Readonly<Record<string, unknown>>): boolean {
  for (const key in attributes) if (FRAMEWORK_KEYS.has(key)) return true;
  return false;
}

/** Returns the handler spans of a request whose response is not known. */
function handlersOf(request: Span): readonly HandlerSpan[] {
  return (request as RequestSpan)[HANDLERS] ?? [];
}

/** Returns the innermost handler of a request that still runs. */
export function openHandlerOf(request: Span): Span | undefined {
  return handlersOf(request).findLast((span) => span.isRecording() && !suspended.has(span));
}

/** Spans of handlers that have passed the request on, with their own `end`. */
const suspended = new WeakMap<Span, Span['end']>();

/** Lets the span of a handler that passes the request on end as of now, unless another handler resumes it. */
export function suspendHandler(span: Span): void {
  if (suspended.has(span)) return;
  const now = currentTimeOf(span);
  const { end } = span;
  suspended.set(span, end);
  span.end = (time = now) => end.call(span, time);
}

/** Continues a span that is suspended, for the handler to which the request is passed on. */
export function resumeHandler(span: Span): Span {
  const end = suspended.get(span);
  suspended.delete(span);
  return end === undefined ? span : Object.assign(span, { end });
}

/**
 * Gives the handler of a request that still runs the route that a framework inside it has found, in place
 * of that by which a server passes requests on, such as `*`.
 */
export function correctRoute(request: Span, route: string): void {
  const handler = openHandlerOf(request) as HandlerSpan | undefined;
  if (handler?.attributes['http.route'] !== undefined) handler.setAttribute('http.route', route);
}

/** Returns whether a handler of a request whose response is not known has failed. */
export function hasFailedHandler(request: Span): boolean {
  return handlersOf(request).some(hasFailed);
}

/** Returns the handler of the route of a request in Fastify that still runs. */
export function openRouteHandlerOf(request: Span): Span | undefined {
  return handlersOf(request).findLast(
    (span) => span.attributes['fastify.type'] === 'request-handler' && span.isRecording(),
  );
}

/**
 * Lets a handler span end with the response: the handler has returned, but calls what it started back
 * later.
 *
 * @returns whether it will; not outside a request that `node:http` got
 */
export function endWithResponse(span: Span): boolean {
  const request = getRPCMetadata(context.active())?.span;
  if (!span.isRecording() || request?.isRecording() !== true) return false;
  if (!handlersOf(request).includes(span as HandlerSpan)) return false;
  if (!waitingEnds.has(span)) waitingEnds.set(span, span.end);
  span.end = () => {};
  return true;
}

/** Ends a handler span that would end with the response. */
export function endNow(span: Span): void {
  const end = waitingEnds.get(span);
  if (end === undefined) return;
  waitingEnds.delete(span);
  end.call(span);
}

/** Ends the handler spans of a request that end with its response. */
export function endWaiting(request: Span): void {
  for (const span of handlersOf(request)) endNow(span);
}

/** Ends all handler spans of a request. */
export function endHandlers(request: Span): void {
  endWaiting(request);
  for (const span of handlersOf(request)) if (span.isRecording()) span.end();
}

/** Notes that the last event of a span is what the app passed to its error handlers. */
export function noteHandedOn(span: Span): void {
  const event = (span as HandlerSpan).events?.at(-1);
  if (event !== undefined && isNonError(event)) flowControl.add(event);
}

/**
 * Records the status of the response on the failed handler spans of a request.
 *
 * Most of them have ended, so only their attributes can be changed. Spans that were already sent
 * keep the flags of their exception.
 */
export function recordResponseStatus(request: Span, status: number): void {
  for (const span of handlersOf(request)) {
    if (status < 400) removeEvents(span, isNonError);
    if (hasFailed(span)) span.attributes[HANDLER_STATUS] = status;
  }
  (request as RequestSpan)[HANDLERS] = undefined;
  if (status < 400) removeEvents(request as HandlerSpan, (event) => flowControl.has(event));
}

/** Some apps pass the body of a response to `next`, as if it were an error. */
function isNonError({ attributes }: SpanEvent): boolean {
  return attributes?.['exception.type'] === 'object';
}

function removeEvents(span: HandlerSpan, isRemoved: (event: SpanEvent) => boolean): void {
  if (!span.events?.some(isRemoved)) return;
  const kept = span.events.filter((event) => !isRemoved(event));
  span.events.splice(0, span.events.length, ...kept);
  span.status = { code: SpanStatusCode.UNSET };
}

/** Koa's instrumentation records an exception without an error status. */
function hasFailed({ status, events }: HandlerSpan): boolean {
  return status.code === SpanStatusCode.ERROR || events.some(({ name }) => name === 'exception');
}
