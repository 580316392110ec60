import { type Attributes, type Context, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { type ConnectAttempt, connectAttempt } from '../databases/failed-connects.ts';
import type { ChannelOptions, Operation } from './tracing-channel.ts';

interface ConnectSpan<Message> {
  /** Name of the instrumentation. */
  readonly instrumentation: string;
  readonly tracer: Tracer;
  /** Name of the span. */
  readonly name: string;
  attributes(message: Message): Attributes;
  /** Returns the context in which the client connects; `undefined` if it needs no other. */
  connecting?(outer: Context): Context;
}

/**
 * Returns how connections become spans: only those that fail, unless connect spans are enabled. The
 * time of a successful connection belongs to the command that waits for it.
 */
export function connectOperation<Message extends object>(
  { instrumentation, tracer, name, attributes, connecting }: ConnectSpan<Message>,
  { connectSpans }: Pick<ChannelOptions, 'connectSpans'>,
): Operation<Message> {
  if (connectSpans) {
    return {
      start(message, outer) {
        const options = { kind: SpanKind.CLIENT, attributes: attributes(message) };
        const span = tracer.startSpan(name, options, outer);
        return connecting === undefined ? { span } : { span, context: connecting(outer) };
      },
    };
  }
  const attempts = new WeakMap<object, ConnectAttempt>();
  return {
    start(message, outer) {
      const values = (): Attributes => attributes(message);
      attempts.set(message, connectAttempt(instrumentation, tracer, name, values));
      const around = trace.getSpan(outer);
      if (around === undefined || connecting === undefined) return undefined;
      return { context: connecting(outer) };
    },
    onFailure: (message) => attempts.get(message)?.failed(message.error),
  };
}
