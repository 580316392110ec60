import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { endWaiting, recordResponseStatus } from '../spans/handler-spans.ts';
import { answered, endForGood } from '../spans/http-answers.ts';
import { attempt } from '../wrap/guard.ts';
import { allowListeners } from '../wrap/listener-limits.ts';

const STATUS = 'http.response.status_code';
/** Position of the status in the first line of a response, which begins with `HTTP/1.1 `. */
const STATUS_AT = 9;
const SIZE = 'http.response.body.size';

/** Property of a span with a function that forgets to wait for the end of the answer. */
const FORGET: unique symbol = Symbol('otel-xray answered call');

/** A span of the SDK, whose attributes can be removed. */
type SdkSpan = Span & {
  readonly attributes?: Record<string, unknown>;
  [FORGET]?: (() => void) | undefined;
};

/** A client response, with undocumented properties of Node.js. */
type Response = IncomingMessage & { readonly upgrade?: boolean | undefined };

/**
 * Observes the end of an outgoing request. A `requestHook`, which runs before other listeners are
 * added.
 */
export function watchRequest(span: Span, request: ClientRequest | IncomingMessage): void {
  if (isIncoming(request)) return;
  allowListeners(request, 2);
  request.on('close', () => attempt('http', () => onClose(span, request)));
}

function isIncoming(message: ClientRequest | IncomingMessage): message is IncomingMessage {
  return 'httpVersion' in message;
}

/** Records the response to an outgoing request. A `responseHook`, which is called on both sides. */
export function watchResponse(span: Span, response: IncomingMessage | ServerResponse): void {
  allowListeners(response, 1);
  if (!('httpVersion' in response) || !span.isRecording()) return;
  const { method } = (response as IncomingMessage & { req?: { method?: string } }).req ?? {};
  if (method !== 'HEAD') recordSize(span, response.headers['content-length']);
  (span as SdkSpan)[FORGET] = answered(span, () => response.readableFlowing === null);
}

export function recordSize(span: Span, header: unknown): void {
  const size = typeof header === 'string' ? Number(header) : header;
  if (Number.isSafeInteger(size)) span.setAttribute(SIZE, size as number);
}

/** Records what upstream does not observe, once the connection is free or closed. */
function onClose(span: Span, request: ClientRequest): void {
  const response = (request as { res?: Response }).res;
  if (response === undefined || response === null) return;
  const call: SdkSpan = span;
  call[FORGET]?.();
  call[FORGET] = undefined;
  if (!span.isRecording()) return;
  // Neither an answer to CONNECT nor one that switches protocols is a `response` event.
  if (response.upgrade === true) recordUpgrade(span, response);
  else if (!response.complete) recordCut(span, response);
  // Upstream never ends the span of a request that was aborted after its response began.
  if ((request as { aborted?: boolean }).aborted === true) endForGood(span);
}

/** Records that the server closed the connection before the response was complete. */
export function recordCut(span: Span, response: IncomingMessage): void {
  if (isClosedByPeer(response)) fail(span, CUT);
}

function recordUpgrade(span: Span, { statusCode = 0 }: Response): void {
  span.setAttribute(STATUS, statusCode);
  if (statusCode >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Returns whether the other side closed the connection, rather than this process. */
function isClosedByPeer({ socket, errored }: IncomingMessage): boolean {
  // `destroy(error)` of the message destroys the socket with the same error.
  return socket.readableEnded || (socket.errored !== null && socket.errored !== errored);
}

const CUT: Failure = {
  name: 'ResponseAbortedError',
  message: 'The server closed the connection before the response was complete',
};

interface Failure {
  readonly name: string;
  readonly message: string;
}

function fail(span: Span, { name, message }: Failure): void {
  span.recordException({ name, message });
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/**
 * Records the end of an exchange. An `applyCustomAttributesOnSpan`, which is called on client and
 * server after upstream has set the status.
 */
export function recordEnd(
  span: Span,
  request: ClientRequest | IncomingMessage,
  response: IncomingMessage | ServerResponse,
): void {
  if ('httpVersion' in response || !isIncoming(request) || !span.isRecording()) return;
  endWaiting(span);
  if (response.headersSent) {
    const status = sentStatus(response);
    if (status !== response.statusCode) correctStatus(span, status);
    recordResponseStatus(span, status);
  }
  if (response.writableFinished) recordSize(span, sentLength(response));
  else recordUnanswered(span, request, response);
}

/**
 * Returns the status that was sent. An app may set another one afterwards, for which Node.js reports no
 * error.
 */
function sentStatus(response: ServerResponse): number {
  const { _header: header } = response as { _header?: unknown };
  if (typeof header !== 'string') return response.statusCode;
  return Number(header.slice(STATUS_AT, STATUS_AT + 3)) || response.statusCode;
}

/** Replaces the status that upstream has recorded. */
function correctStatus(span: SdkSpan, status: number): void {
  span.setAttribute(STATUS, status);
  const code = status >= 500 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET;
  Object.assign(span, { status: { code } });
}

/**
 * Returns the length that was sent. Node.js adds the header when the whole body is passed to `end`.
 */
function sentLength(response: ServerResponse): unknown {
  if (response.req?.method === 'HEAD') return undefined;
  const { _contentLength: length } = response as { _contentLength?: unknown };
  return typeof length === 'number' ? length : response.getHeader('content-length');
}

/** Records that the connection closed before the response was written. */
function recordUnanswered(span: Span, request: IncomingMessage, response: ServerResponse): void {
  // Before the headers are sent, the status is only Node's default.
  if (!response.headersSent) delete (span as SdkSpan).attributes?.[STATUS];
  // An app that destroys its response with an error, as `pipeline` does, destroys the socket with it.
  const isAborted = response.errored !== null && response.errored === request.socket.errored;
  const isOfClient = !isAborted && isClosedByPeer(request);
  fail(span, isOfClient ? CLIENT_DISCONNECTED : RESPONSE_ABORTED);
}

const CLIENT_DISCONNECTED: Failure = {
  name: 'ClientDisconnectedError',
  message: 'The client closed the connection before the response was complete',
};
const RESPONSE_ABORTED: Failure = {
  name: 'ResponseAbortedError',
  message: 'The connection was closed by this process before the response was complete',
};
