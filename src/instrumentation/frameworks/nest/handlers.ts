import {
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { addAnnotation } from '../../../api/annotations.ts';
import { recordError } from '../../../api/errors.ts';
import { carrierLink } from '../../../propagation/message-links.ts';
import { startJob } from '../../jobs/job-run.ts';
import { failWithoutCause } from '../../spans/record-failure.ts';
import { attempt } from '../../wrap/guard.ts';
import { patternName } from './patterns.ts';

const NAME = 'nest-microservices';

/** The method of a controller that handles messages, with what surrounds it. */
export interface Handler {
  (this: unknown, ...args: unknown[]): unknown;
  readonly isEventHandler?: boolean;
}

/** What a message brings from its sender. */
export interface Incoming {
  carrier: unknown;
}

/** The stream of replies. */
interface Replies {
  subscribe(...args: unknown[]): { add?(teardown: () => void): void } | undefined;
}

interface Handling {
  readonly span: Span;
  readonly active: Context;
}

const INCOMING = createContextKey('otel-xray Nest message');
const HANDLER = createContextKey('otel-xray Nest handler');

/** Runs the code that reads a message, which starts no span, and calls its handler. */
export function withIncoming<T>(run: (incoming: Incoming) => T): T {
  const incoming: Incoming = { carrier: undefined };
  return context.with(context.active().setValue(INCOMING, incoming), () => run(incoming));
}

/** Returns the handler of messages with a pattern, each call of which is a span. */
export function tracedHandler(handler: Handler, pattern: unknown): Handler {
  return new Proxy(handler, {
    apply(target, self, args: unknown[]) {
      const handling = attempt(NAME, () => startHandling(pattern, target.isEventHandler === true));
      if (handling === undefined) return target.apply(self, args);
      return handle(handling, () => target.apply(self, args));
    },
  });
}

/**
 * Records the error of a handler, which Nest turns into a reply. The handler of a method of gRPC has
 * only the span of that method.
 */
export function recordHandlerError(error: unknown): void {
  const active = context.active();
  const span = (active.getValue(HANDLER) as Span | undefined) ?? trace.getSpan(active);
  if (span !== undefined) attempt(NAME, () => recordFailure(span, error));
}

/** Spans of handlers → the span of the library that got the message. */
const messages = new WeakMap<Span, Span>();

/** The library gets what Nest makes of an error: the plain object of a reply, without the reason. */
function recordFailure(span: Span, error: unknown): void {
  recordError(span, error);
  const message = messages.get(span);
  if (message !== undefined) failWithoutCause(message);
}

/**
 * A request belongs to the trace of its sender, and an event starts a trace that is linked to it. A
 * message of a library that is traced as well, such as amqplib, is part of the span of that library.
 */
function startHandling(pattern: unknown, isEvent: boolean): Handling {
  const active = context.active();
  const name = patternName(pattern);
  const carrier = (active.getValue(INCOMING) as Incoming | undefined)?.carrier;
  const around = trace.getSpan(active);
  const isInside = around !== undefined;
  const parent = isInside || isEvent ? active : propagation.extract(ROOT_CONTEXT, carrier ?? {});
  const span =
    isEvent && !isInside
      ? eventSpan(name, carrier)
      : trace
          .getTracer(`otel-xray/${NAME}`)
          .startSpan(name, { kind: isInside ? SpanKind.INTERNAL : SpanKind.SERVER }, parent);
  if (around !== undefined) messages.set(span, around);
  addAnnotation('nestjs.pattern', name, span);
  return { span, active: trace.setSpan(parent, span).setValue(HANDLER, span) };
}

function eventSpan(name: string, carrier: unknown): Span {
  const link = carrierLink(carrier);
  return startJob({ instrumentation: NAME, name, links: link === undefined ? [] : [link] });
}

/** A handler returns its reply, or a stream of replies that it may not have begun. */
function handle({ span, active }: Handling, run: () => unknown): unknown {
  const end = (): void => void attempt(NAME, () => span.isRecording() && span.end());
  const settle = (result: unknown): unknown => {
    if (!isReplies(result)) {
      end();
      return result;
    }
    return withSubscribe(result, (...args) => {
      const subscription = context.with(active, () => result.subscribe(...args));
      if (subscription?.add === undefined) end();
      else subscription.add(end);
      return subscription;
    });
  };
  const fail = (error: unknown): never => {
    attempt(NAME, () => recordFailure(span, error));
    end();
    throw error;
  };
  let result: unknown;
  try {
    result = context.with(active, run);
  } catch (error) {
    return fail(error);
  }
  return result instanceof Promise ? result.then(settle, fail) : settle(result);
}

function isReplies(value: unknown): value is Replies {
  const { subscribe, lift } = Object(value) as Record<string, unknown>;
  return typeof subscribe === 'function' && typeof lift === 'function';
}

/** Returns the stream with another `subscribe`, which operators of RxJS call. */
function withSubscribe(replies: Replies, subscribe: Replies['subscribe']): Replies {
  return Object.create(replies, { subscribe: { value: subscribe } }) as Replies;
}
