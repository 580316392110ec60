import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Channel, channel } from 'node:diagnostics_channel';
import {
  type Attributes,
  type Context,
  context,
  INVALID_SPANID,
  type Span,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { foldingProvider, recordFolded } from '../spans/folding.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { attempt, reportFailure } from '../wrap/guard.ts';

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

/** An operation that has started. */
export interface Started {
  /** `undefined` if another operation ends the span. */
  readonly span?: Span;
  /** The span around an operation that has none: it gets the error. */
  readonly around?: Span;
  /** What the operation runs in, unless it is a leaf; by default the outer context with the span. */
  readonly context?: Context;
}

/** How the messages of one channel become spans. */
export interface Operation<Message extends object = object> {
  /**
   * Starts the span; `undefined` for an operation without one.
   *
   * @param watch begins to watch a channel of the set that is watched on demand
   */
  start(message: Message, outer: Context, watch: Watch): Started | undefined;
  /** Returns whether a result is an error, which the library handles as one that is thrown. */
  isError?(result: unknown): boolean;
  /** Called before the span of a successful operation ends. */
  onResult?(span: Span, message: Message & Outcome): void;
  /** Called with the span around a successful operation that has none. */
  onFolded?(around: Span, message: Message & Outcome): void;
  /** Records an error; by default as exception and as status. */
  onError?(span: Span, error: unknown): void;
  /** Called for each failed operation, also for one without a span. */
  onFailure?(message: Message & Outcome): void;
  /** Whether the operation takes a callback, which then runs in the context of its caller. */
  readonly hasCallback?: boolean;
  /**
   * Whether the operation has no result when it returns: it returns a promise or calls back. Then its channel
   * `end` needs no subscriber, which would take 0.1 µs of each call.
   */
  readonly isAsync?: boolean;
}

/** Begins to watch a channel of a set, unless it is watched already. */
export type Watch = (channelName: string) => void;

/** Handles the start of an operation and returns the context that it runs in. */
export type StartOperation = (message: object, outer: Context) => Context;

/** A set of channels in use. */
export interface ChannelTracing {
  /**
   * Listens to the end of the operations of a channel; called with its first message.
   *
   * @param isLeaf whether the operations run in the context of their caller
   */
  listen(
    channelName: string,
    store: AsyncLocalStorage<Context>,
    isLeaf: boolean,
    watch: Watch,
  ): StartOperation;
  stop(): void;
}

/**
 * Where the message of an operation keeps its span, as the documentation of Node does it; Node itself
 * writes the outcome there. A WeakMap made the garbage collector take 40% of the time of a Redis command.
 */
const SPAN = Symbol('otel-xray.span');
/** Where it keeps the span around an operation that has none. */
const AROUND = Symbol('otel-xray.around');
/** Where it keeps the context of its caller, for a callback. */
const OUTER = Symbol('otel-xray.outer');

interface Message extends Outcome {
  [SPAN]?: Span;
  [AROUND]?: Span;
  [OUTER]?: Context;
}

/**
 * Makes spans of the operations of a set of channels.
 *
 * A span ends when the operation has its result: with `end` if it is there already, else with
 * `asyncStart`, which comes before the callback of the app runs. An asynchronous operation that fails ends
 * with `error`, which is also published if it throws.
 *
 * @param instrumentation name for error messages
 * @param operations by the name of their channel
 */
export function channelTracing(
  instrumentation: string,
  operations: Readonly<Record<string, Operation<never>>>,
): ChannelTracing {
  const undo: (() => void)[] = [];

  const finish = (operation: Operation, message: Message): void => {
    const { [SPAN]: span, [AROUND]: around } = message;
    try {
      if (around !== undefined) {
        if (hasFailed(operation, message)) recordFolded(around, errorOf(message));
        else operation.onFolded?.(around, message);
        return;
      }
      // A library may call back twice.
      if (span?.isRecording() !== true) return;
      if (hasFailed(operation, message))
        (operation.onError ?? recordFailure)(span, errorOf(message));
      else operation.onResult?.(span, message);
    } catch (error) {
      reportFailure(instrumentation, error);
    }
    span?.end();
  };

  const listenToEnds = (
    name: string,
    operation: Operation,
    store: AsyncLocalStorage<Context>,
  ): void => {
    const ended = channel(`tracing:${name}:${operation.isAsync ? 'error' : 'end'}`);
    const asyncStart = channel(`tracing:${name}:asyncStart`) as unknown as Channel<Context, object>;
    const onEnd = (message: unknown): void => {
      const outcome = message as Message;
      if (outcome[SPAN] === undefined && outcome[AROUND] === undefined) return;
      if ('error' in outcome || 'result' in outcome) finish(operation, outcome);
    };
    const onAsyncStart = (message: unknown): void => finish(operation, message as Message);
    ended.subscribe(onEnd);
    asyncStart.subscribe(onAsyncStart);
    const isBound = operation.hasCallback === true;
    if (isBound) {
      // Node takes the context of a callback before it publishes, so the span has not ended yet.
      asyncStart.bindStore(store, (message) => (message as Message)[OUTER] ?? context.active());
    }
    const failure = channel(`tracing:${name}:error`);
    const onFailure = (message: unknown): void =>
      void attempt(instrumentation, () => operation.onFailure?.(message as Outcome & object));
    if (operation.onFailure !== undefined) failure.subscribe(onFailure);
    undo.push(() => {
      ended.unsubscribe(onEnd);
      asyncStart.unsubscribe(onAsyncStart);
      failure.unsubscribe(onFailure);
      if (isBound) asyncStart.unbindStore(store);
    });
  };

  return {
    listen(name, store, isLeaf, watch) {
      const operation = operations[name] as unknown as Operation;
      listenToEnds(name, operation, store);
      const { hasCallback = false } = operation;
      return (message: Message, outer) => {
        if (hasCallback) message[OUTER] = outer;
        if (isInUnsampledTrace(outer)) return outer;
        const started = operation.start(message, outer, watch);
        if (started === undefined) return outer;
        const { span, context: inner, around } = started;
        if (around !== undefined) message[AROUND] = around;
        if (span === undefined) return inner ?? outer;
        message[SPAN] = span;
        return isLeaf ? outer : (inner ?? trace.setSpan(outer, span));
      };
    },
    stop() {
      for (const step of undo.splice(0)) step();
    },
  };
}

/** Returns a tracer for the steps of requests; an error that one step passes on to another is recorded once. */
export function stepTracer(library: string, version: string): Tracer {
  return foldingProvider(() => 'keep').getTracer(`otel-xray/${library}`, version);
}

/**
 * Starts a span for middleware. In a trace it has none unless the app wants to see middleware; the span around
 * it then gets its error.
 */
export function startMiddleware(
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  outer: Context,
  { middlewareSpans }: Pick<ChannelOptions, 'middlewareSpans'>,
): Started {
  const around = middlewareSpans ? undefined : trace.getSpan(outer);
  return around === undefined
    ? { span: tracer.startSpan(name, { attributes }, outer) }
    : { around };
}

function hasFailed({ isError }: Operation, message: Message): boolean {
  return 'error' in message || isError?.(message.result) === true;
}

/** Anything can be thrown, `undefined` as well. */
function errorOf(message: Message): unknown {
  return 'error' in message ? message.error : message.result;
}

/**
 * Returns whether the caller is inside a span of this process that is neither sampled nor recorded: every
 * sampler gives its children the same decision, so that nothing has to be made for them.
 */
function isInUnsampledTrace(outer: Context): boolean {
  const span = trace.getSpan(outer);
  // A recorded span that has ended no longer records.
  if (span === undefined || span.isRecording() || 'ended' in span) return false;
  const { traceFlags, isRemote, spanId } = span.spanContext();
  return (traceFlags & TraceFlags.SAMPLED) === 0 && isRemote !== true && spanId !== INVALID_SPANID;
}
