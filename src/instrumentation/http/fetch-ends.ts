import { subscribe } from 'node:diagnostics_channel';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { answered, endForGood, type SocketState, stallCheck } from '../spans/http-answers.ts';
import { attempt } from '../wrap/guard.ts';
import { recordSize } from './http-ends.ts';

/** Property of a request with its call. An entry of a WeakMap would be visited by each garbage collection. */
const CALL: unique symbol = Symbol('otel-xray call');

/** A request in undici's diagnostics channels, which undici creates for each call. */
interface FetchRequest {
  [CALL]?: FetchCall;
  readonly method?: string;
  /** The protocol to switch to. */
  readonly upgrade?: unknown;
}

interface FetchResponse {
  /** Names and values in turn. */
  readonly headers: readonly (Uint8Array | string)[];
  readonly statusCode?: number;
}

/** A request with its span. */
interface FetchCall {
  readonly span: Span;
  socket?: SocketState;
  /** Forgets to wait for the end of the answer. */
  forget?: () => void;
}

/** Requests for a WebSocket that are not answered, oldest first. */
const upgrades = new Set<Span>();

/**
 * Returns hooks for the instrumentation of `fetch` and undici that record what it leaves out: the
 * length of answers, requests that the app aborted, WebSockets, and calls whose answer nobody reads.
 *
 * Subscribes before the instrumentation does, so that its spans have not ended yet.
 */
export function watchFetches(): object {
  const on = (name: string, listener: (message: never) => void): void =>
    subscribe(
      `undici:${name}`,
      (message) => void attempt('undici', () => listener(message as never)),
    );
  on(
    'client:sendHeaders',
    ({ request, socket }: { request: FetchRequest; socket: SocketState }) => {
      const { [CALL]: call } = request;
      if (call !== undefined) call.socket = socket;
    },
  );
  on('request:trailers', ({ request }: { request: FetchRequest }) => {
    request[CALL]?.forget?.();
  });
  on('request:error', onError);
  on('websocket:open', onWebSocket);
  return {
    requestHook(span: Span, request: FetchRequest) {
      request[CALL] = { span };
      if (request.upgrade === 'websocket') upgrades.add(span);
    },
    responseHook(span: Span, info: { request: FetchRequest; response: FetchResponse }) {
      // An interim response, such as early hints: the response follows.
      if ((info.response.statusCode ?? 200) < 200) return;
      if (info.request.method !== 'HEAD') recordSize(span, lengthOf(info.response));
      // Data that the app does not read stays in the socket, because undici pauses its parser.
      const { [CALL]: call } = info.request;
      if (call !== undefined) call.forget = answered(span, stallCheck(call.socket));
    },
  };
}

function lengthOf({ headers }: FetchResponse): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    if (name?.length === 14 && String(name).toLowerCase() === 'content-length')
      return String(headers[i + 1]);
  }
  return undefined;
}

/** The reason with which undici cancels the rest of a response that the app has dropped unread. */
const COLLECTED = 'Response object has been garbage collected';
/** How undici reports that a proxy refused a tunnel. */
const REFUSED_TUNNEL = /^Proxy response \(\d+\)/;

/**
 * Upstream ends the span of an aborted request without an error, because the app requested the
 * abort; but undici also aborts requests itself.
 */
function onError({ request, error }: { request: FetchRequest; error: unknown }): void {
  const { [CALL]: call } = request;
  if (call === undefined) return;
  const { span } = call;
  call.forget?.();
  upgrades.delete(span);
  if (error === COLLECTED) {
    span.setAttribute('http.response.incomplete', true);
    endForGood(span);
    return;
  }
  const { name, message } = (error ?? {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (name !== 'AbortError') return;
  span.recordException(error as Error);
  if (typeof message === 'string' && REFUSED_TUNNEL.test(message))
    span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** The instrumentation sees neither a response nor an end for the handshake of a WebSocket. */
function onWebSocket(message: { handshakeResponse?: { status?: number } }): void {
  const [span] = upgrades;
  if (span === undefined) return;
  upgrades.delete(span);
  span.setAttribute('http.response.status_code', message.handshakeResponse?.status ?? 101);
  endForGood(span);
}
