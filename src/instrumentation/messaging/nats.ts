import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import {
  type MessageHandler,
  messageAttributes,
  type NatsHeaders,
  tracedHandler,
  tracedIteration,
} from './nats-messages.ts';
import { withoutIds } from './subject-template.ts';

const NAME = 'nats';

/** The files that export the internal classes, of both packages. */
const FILES = ['nats/lib/nats-base-client', '@nats-io/nats-core/lib'].map(
  (folder) => `${folder}/internal_mod.js`,
);

interface SendOptions {
  readonly headers?: NatsHeaders;
  readonly noMux?: boolean;
}

interface SubscribeOptions {
  readonly queue?: string;
  readonly callback?: MessageHandler;
}

/** The messages of an answer, or of a subscription. */
interface QueuedIterator {
  readonly iterClosed?: Promise<unknown>;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

interface Connection {
  readonly options?: { readonly inboxPrefix?: string };
  readonly info?: { readonly headers?: boolean; readonly max_payload?: number };
  getServer?(): string;
  publish(this: Connection, subject: string, data?: unknown, options?: SendOptions): unknown;
  request(this: Connection, subject: string, data?: unknown, options?: SendOptions): Pending;
  requestMany(this: Connection, subject: string, data?: unknown, options?: SendOptions): Pending;
  subscribe(this: Connection, subject: string, options?: SubscribeOptions): unknown;
}

type Pending = Promise<unknown>;
type NewHeaders = (code?: number, description?: string) => NatsHeaders;

interface Exports {
  readonly NatsConnectionImpl: { readonly prototype: Connection };
  readonly QueuedIteratorImpl: { readonly prototype: QueuedIterator };
  readonly headers: NewHeaders;
}

/**
 * Traces NATS: messages that a request publishes, requests with their reply, and the handling of
 * messages in callbacks and `for await` loops. Headers carry the trace.
 *
 * @see docs/spec/propagation.md section 9
 */
export class NatsInstrumentation {
  readonly #hook: Hook = new Hook(FILES, {}, (exports) => {
    const { NatsConnectionImpl, QueuedIteratorImpl, headers } = exports as Exports;
    traceConnections(NatsConnectionImpl.prototype, headers);
    traceIterators(QueuedIteratorImpl.prototype);
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** The call of `request` that runs, within which the library publishes and subscribes. */
let running: { published: boolean } | undefined;

function traceConnections(prototype: Connection, headers: NewHeaders): void {
  wrapMethods(prototype, {
    publish: (original) =>
      function publish(this: Connection, subject, ...rest): unknown {
        if (running !== undefined) running.published = true;
        const call =
          running === undefined && !isInternal(this, subject) && !subject.startsWith('$')
            ? startCall(this, 'publish', subject, rest, headers)
            : undefined;
        if (call === undefined) return original.call(this, subject, ...rest);
        try {
          const result = original.call(this, subject, rest[0], call.options);
          endCall(call.span);
          return result;
        } catch (error) {
          endCall(call.span, { thrown: error });
          throw error;
        }
      },
    request: (original) => tracedRequest(original, headers, awaitReply),
    requestMany: (original) => tracedRequest(original, headers, awaitReplies),
    subscribe: (original) =>
      function subscribe(this: Connection, subject, options, ...rest): unknown {
        const callback = options?.callback;
        const isTraced =
          running === undefined && typeof callback === 'function' && !isInternal(this, subject);
        if (!isTraced || String(subject).startsWith('$')) {
          return original.call(this, subject, options, ...(rest as []));
        }
        const traced = { ...options, callback: tracedHandler(callback, options?.queue) };
        return original.call(this, subject, traced, ...(rest as []));
      },
  });
}

function traceIterators(prototype: QueuedIterator): void {
  const original = prototype[Symbol.asyncIterator];
  prototype[Symbol.asyncIterator] = function (this: QueuedIterator): AsyncIterator<unknown> {
    const messages = original.call(this);
    // Replies and events of the connection; subscriptions and consumers are of classes of their own.
    if (Object.getPrototypeOf(this) === prototype) return messages;
    const { queue } = this as { readonly queue?: unknown };
    const group = typeof queue === 'string' ? queue : undefined;
    return attempt(NAME, () => tracedIteration(messages, group)) ?? messages;
  };
}

/** Ends the span with the reply, and returns the promise that the app gets. */
type Observe = (pending: Pending, span: Span, isHandled: boolean) => Pending;

function tracedRequest(
  original: Connection['request'],
  headers: NewHeaders,
  observe: Observe,
): Connection['request'] {
  return function request(this: Connection, subject, ...rest): Pending {
    const call = isInternal(this, subject)
      ? undefined
      : startCall(this, 'request', subject, rest, headers);
    const outer = running;
    const state = { published: false };
    running = state;
    let pending: Pending;
    try {
      pending =
        call === undefined
          ? original.call(this, subject, ...rest)
          : original.call(this, subject, rest[0], call.options);
    } catch (error) {
      if (call !== undefined) endCall(call.span, { thrown: error });
      throw error;
    } finally {
      running = outer;
    }
    return call === undefined ? pending : observe(pending, call.span, state.published);
  };
}

/**
 * A request by the shared subscription, the default, is one whose rejection the library handles
 * itself. All others must remain unhandled if the app does not handle them.
 */
function awaitReply(pending: Pending, span: Span, isHandled: boolean): Pending {
  const seen = pending.then(
    (reply) => {
      endCall(span);
      return reply;
    },
    (error: unknown) => {
      endCall(span, { thrown: error });
      if (!isHandled) throw error;
    },
  );
  return isHandled ? pending : seen;
}

/** The replies come after the promise is settled, until their iterator is closed. */
function awaitReplies(pending: Pending, span: Span): Pending {
  return pending.then(
    (replies) => {
      const closed = (replies as QueuedIterator | undefined)?.iterClosed;
      if (closed === undefined) endCall(span);
      else void closed.then((error) => endCall(span, error ? { thrown: error } : undefined));
      return replies;
    },
    (error: unknown) => {
      endCall(span, { thrown: error });
      throw error;
    },
  );
}

/** Returns whether messages of a subject are replies. */
function isInternal({ options }: Connection, subject: unknown): boolean {
  return typeof subject !== 'string' || subject.startsWith(`${options?.inboxPrefix || '_INBOX'}.`);
}

interface Call {
  readonly span: Span;
  readonly options: SendOptions | undefined;
}

/** @returns `undefined` outside a trace */
function startCall(
  connection: Connection,
  operation: 'publish' | 'request',
  subject: string,
  [data, options]: readonly [data?: unknown, options?: SendOptions | undefined],
  headers: NewHeaders,
): Call | undefined {
  const active = context.active();
  if (trace.getSpan(active) === undefined) return undefined;
  return attempt(NAME, () => {
    const span = trace.getTracer(`otel-xray/${NAME}`).startSpan(
      `${operation} ${withoutIds(subject, '.')}`,
      {
        kind: operation === 'publish' ? SpanKind.PRODUCER : SpanKind.CLIENT,
        attributes: {
          ...messageAttributes(subject),
          ...serverAttributes(connection),
          'messaging.operation.name': operation,
          'messaging.operation.type': 'send',
          // The API of the server, such as that of JetStream, has subjects of its own.
          'service.peer.name': subject.startsWith('$') ? NAME : withoutIds(subject, '.'),
        },
      },
      active,
    );
    const carried = attempt(NAME, () => {
      const sender = trace.setSpan(active, span);
      return withHeaders(connection, data, options, headers, sender);
    });
    return { span, options: carried ?? options };
  });
}

function serverAttributes(connection: Connection): Attributes {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(connection.getServer?.() ?? '') ?? [];
  return host === undefined ? {} : { 'server.address': host, 'server.port': Number(port) };
}

/**
 * Returns options with the trace in their headers. Headers that the app set stay.
 *
 * @returns `undefined` if the server knows no headers, or the message has no room for them
 */
function withHeaders(
  { info }: Connection,
  data: unknown,
  options: SendOptions | undefined,
  headers: NewHeaders,
  sender: Context,
): SendOptions | undefined {
  if (info?.headers !== true) return undefined;
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  const given = options?.headers;
  const all = given?.code ? headers(given.code, given.description) : headers();
  for (const [key, values] of given ?? []) for (const value of values) all.append(key, value);
  const present = new Set(all.keys().map((key) => key.toLowerCase()));
  for (const [key, value] of Object.entries(carrier)) {
    if (!present.has(key.toLowerCase())) all.append(key, value);
  }
  const size = all.encode().length + sizeOf(data);
  if (info.max_payload !== undefined && size > info.max_payload) return undefined;
  return { ...options, headers: all };
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.length : 0;
}

function endCall(span: Span, failure?: { readonly thrown: unknown }): void {
  attempt(NAME, () => {
    if (failure !== undefined) recordError(span, failure.thrown);
    span.end();
  });
}
