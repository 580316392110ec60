import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Channel, channel } from 'node:diagnostics_channel';
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { attempt, reportFailure } from '../guard.ts';

/** What modules of channel sets get. */
export interface ChannelOptions {
  /** Version of this package, for the scope of the spans. */
  readonly version: string;
  /** Whether each step of a framework is a subsegment. */
  readonly middlewareSpans: boolean;
  /** Whether successful connections to a database have a span. */
  readonly connectSpans: boolean;
}

/** What Node adds to the message of an operation. */
export interface Outcome {
  readonly error?: unknown;
  readonly result?: unknown;
}

/** An operation whose span has started. */
export interface Started {
  readonly span: Span;
  /** What the operation runs in; by default the outer context with the span. */
  readonly context?: Context;
  /** Whether another operation ends the span. */
  readonly isShared?: boolean;
}

/** How the messages of one channel become spans. */
export interface Operation<Message extends object = object> {
  /** Starts the span; `undefined` for an operation without one. */
  start(message: Message, outer: Context): Started | undefined;
  /** Called before the span of a successful operation ends. */
  onResult?(span: Span, message: Message & Outcome): void;
  /** Records an error; by default as exception and as status. */
  onError?(span: Span, error: unknown): void;
  /** Called for each failed operation, also for one without a span. */
  onFailure?(message: Message & Outcome): void;
  /** Whether the operation takes a callback, which then runs in the context of its caller. */
  readonly hasCallback?: boolean;
}

/** A set of channels in use. */
export interface ChannelTracing {
  /** Handles the start of an operation and returns the context that it runs in. */
  start(
    channelName: string,
    message: object,
    outer: Context,
    store: AsyncLocalStorage<Context>,
  ): Context;
  stop(): void;
}

interface Running extends Started {
  /** The context of the caller, for a callback. */
  readonly outer?: Context;
}

/**
 * Where the message of an operation keeps its span, as the documentation of Node does it; Node itself
 * writes the outcome there. A WeakMap made the garbage collector take 40 % of the time of a Redis command.
 */
const RUNNING = Symbol('otel-xray.running');

interface Message {
  [RUNNING]?: Running;
}

/**
 * Makes spans of the operations of a set of channels.
 *
 * A span ends when the operation has its result: with `end` if it is there already, else with
 * `asyncStart`, which comes before the callback of the app runs.
 *
 * @param instrumentation name for error messages
 * @param operations by the name of their channel
 */
export function channelTracing(
  instrumentation: string,
  operations: Readonly<Record<string, Operation<never>>>,
): ChannelTracing {
  const undo = new Map<string, () => void>();

  const finish = (operation: Operation, message: Outcome & object): void => {
    const found = (message as Message)[RUNNING];
    // A library may call back twice.
    if (found === undefined || found.isShared || !found.span.isRecording()) return;
    const { span } = found;
    try {
      if ('error' in message) (operation.onError ?? recordFailure)(span, message.error);
      else operation.onResult?.(span, message);
    } catch (error) {
      reportFailure(instrumentation, error);
    }
    span.end();
  };

  const listen = (name: string, operation: Operation, store: AsyncLocalStorage<Context>): void => {
    const end = channel(`tracing:${name}:end`);
    const asyncStart = channel(`tracing:${name}:asyncStart`) as unknown as Channel<Context, object>;
    const onEnd = (message: unknown): void => {
      const outcome = message as Outcome & object;
      if ('error' in outcome || 'result' in outcome) finish(operation, outcome);
    };
    const onAsyncStart = (message: unknown): void => finish(operation, message as Outcome & object);
    end.subscribe(onEnd);
    asyncStart.subscribe(onAsyncStart);
    const isBound = operation.hasCallback === true;
    if (isBound) {
      // Node takes the context of a callback before it publishes, so the span has not ended yet.
      asyncStart.bindStore(
        store,
        (message) => (message as Message)[RUNNING]?.outer ?? context.active(),
      );
    }
    const failure = channel(`tracing:${name}:error`);
    const onFailure = (message: unknown): void =>
      void attempt(instrumentation, () => operation.onFailure?.(message as Outcome & object));
    if (operation.onFailure !== undefined) failure.subscribe(onFailure);
    undo.set(name, () => {
      end.unsubscribe(onEnd);
      asyncStart.unsubscribe(onAsyncStart);
      failure.unsubscribe(onFailure);
      if (isBound) asyncStart.unbindStore(store);
    });
  };

  return {
    start(name, message, outer, store) {
      const operation = operations[name] as unknown as Operation;
      if (!undo.has(name)) listen(name, operation, store);
      const started = operation.start(message, outer);
      if (started === undefined) return outer;
      const found = operation.hasCallback ? { ...started, outer } : started;
      (message as Message)[RUNNING] = found;
      return started.context ?? trace.setSpan(outer, started.span);
    },
    stop() {
      for (const step of undo.values()) step();
      undo.clear();
    },
  };
}

/** Records an error as most instrumentations do. */
export function recordFailure(span: Span, error: unknown): void {
  span.recordException(error as Error);
  const message = (error as { readonly message?: unknown } | undefined)?.message;
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(typeof message === 'string' && { message }),
  });
}
