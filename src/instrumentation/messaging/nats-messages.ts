import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { enterContext } from '../../context-storage.ts';
import { carrierLink } from '../../propagation/message-links.ts';
import { startJob } from '../jobs/job-run.ts';
import { attempt } from '../wrap/guard.ts';
import { withoutIds } from './subject-template.ts';

const NAME = 'nats';

/** Headers of a message. */
export interface NatsHeaders extends Iterable<[string, readonly string[]]> {
  readonly code?: number;
  readonly description?: string;
  keys(): readonly string[];
  append(key: string, value: string): void;
  encode(): Uint8Array;
}

interface Message {
  readonly subject: string;
  /** Where the sender waits for a reply; in JetStream, where the message is acknowledged. */
  readonly reply?: string;
  readonly headers?: NatsHeaders;
}

export type MessageHandler = (this: unknown, error: unknown, message: unknown) => unknown;

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messageAttributes(subject: string): Attributes {
  const template = withoutIds(subject, '.');
  return {
    'messaging.system': NAME,
    'messaging.destination.name': subject,
    ...(template !== subject && { 'messaging.destination.template': template }),
  };
}

/** Returns a callback that handles each message in a span. */
export function tracedHandler(callback: MessageHandler, group: string | undefined): MessageHandler {
  return function (this: unknown, error, message) {
    if (error || !isMessage(message)) return callback.call(this, error, message);
    const handling = attempt(NAME, () => startHandling(message, group));
    if (handling === undefined) return callback.call(this, error, message);
    const { span, active } = handling;
    try {
      const result = context.with(active, () => callback.call(this, error, message));
      if (!(result instanceof Promise)) {
        end(span);
        return result;
      }
      // The library ignores the result, so that a rejection must remain unhandled.
      return result.then(
        () => end(span),
        (reason: unknown) => {
          end(span, { thrown: reason });
          throw reason;
        },
      );
    } catch (reason) {
      end(span, { thrown: reason });
      throw reason;
    }
  };
}

/**
 * Returns an iterator with a span for each message, from the moment that the loop gets it until the
 * loop asks for the next one. A loop that runs inside a trace belongs to that trace.
 */
export function tracedIteration(
  messages: AsyncIterator<unknown>,
  group: string | undefined,
): AsyncIterableIterator<unknown> {
  let base: Context | undefined;
  let first: StepContext | undefined;
  let handling: Handling | undefined;
  const finish = (): void => {
    if (handling !== undefined) end(handling.span);
    handling = undefined;
    if (first !== undefined) first.active = undefined;
  };
  /** @returns `undefined` if the step is not traced */
  const enterStep = (): StepContext | undefined => {
    finish();
    base ??= context.active();
    if (trace.getSpan(base) !== undefined) return undefined;
    const step = new StepContext(base);
    // What started the loop goes on in the context of the first step, which must not outlast it.
    first ??= step;
    return enterContext(step) ? step : undefined;
  };
  const leave = (): void => {
    finish();
    if (base !== undefined && trace.getSpan(base) === undefined) enterContext(base);
  };
  return {
    next(...args) {
      const pending = messages.next(...(args as []));
      const step = attempt(NAME, enterStep);
      if (step === undefined) return pending;
      return pending.then((result) => {
        if (result.done !== true && isMessage(result.value)) {
          handling = attempt(NAME, () => startHandling(result.value as Message, group));
          step.active = handling?.active;
        }
        return result;
      });
    },
    return(value) {
      attempt(NAME, leave);
      return messages.return?.(value) ?? Promise.resolve({ done: true, value });
    },
    throw(error) {
      attempt(NAME, leave);
      return messages.throw?.(error) ?? Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * A context that is entered before its message arrives: the loop goes on in the context that was
 * current when it began to wait.
 */
class StepContext implements Context {
  readonly #base: Context;
  active: Context | undefined;

  constructor(base: Context) {
    this.#base = base;
  }

  getValue(key: symbol): unknown {
    return (this.active ?? this.#base).getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return (this.active ?? this.#base).setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return (this.active ?? this.#base).deleteValue(key);
  }
}

interface Handling {
  readonly span: Span;
  readonly active: Context;
}

/**
 * Whoever sends a request waits for the reply, which belongs to the same trace. All other messages
 * start a trace that is linked to their sender.
 */
function startHandling(message: Message, group: string | undefined): Handling {
  const { subject, reply } = message;
  const attributes = {
    ...messageAttributes(subject),
    ...(group !== undefined && { 'messaging.consumer.group.name': group }),
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
  };
  const carrier = carrierOf(message);
  const isRequest = reply !== undefined && reply !== '' && !reply.startsWith('$');
  if (!isRequest) {
    const link = carrierLink(carrier);
    const links = link === undefined ? [] : [link];
    const name = withoutIds(subject, '.');
    const span = startJob({ instrumentation: NAME, name, attributes, links });
    return { span, active: trace.setSpan(ROOT_CONTEXT, span) };
  }
  const parent = propagation.extract(ROOT_CONTEXT, carrier);
  const span = trace
    .getTracer(`otel-xray/${NAME}`)
    .startSpan(
      `process ${withoutIds(subject, '.')}`,
      { kind: SpanKind.SERVER, attributes },
      parent,
    );
  return { span, active: trace.setSpan(parent, span) };
}

function carrierOf({ headers }: Message): Record<string, string> {
  const carrier: Record<string, string> = {};
  const names = propagation.fields();
  for (const [key, [value]] of headers ?? []) {
    const name = key.toLowerCase();
    if (value !== undefined && names.includes(name)) carrier[name] ??= value;
  }
  return carrier;
}

function isMessage(value: unknown): value is Message {
  const { subject, data } = (value ?? {}) as Record<string, unknown>;
  return typeof subject === 'string' && data instanceof Uint8Array;
}

function end(span: Span, failure?: { readonly thrown: unknown }): void {
  attempt(NAME, () => {
    if (failure !== undefined) recordError(span, failure.thrown);
    span.end();
  });
}
