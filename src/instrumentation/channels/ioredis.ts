import { type Attributes, type Context, SpanKind, trace } from '@opentelemetry/api';
import { commandAttributes, type RedisMessage, serverAttributes } from './redis-attributes.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Started,
} from './tracing-channel.ts';

interface CommandMessage extends RedisMessage {
  readonly command: string;
  readonly args: readonly string[];
}

/** Traces ioredis by its channels, with the spans of `@opentelemetry/instrumentation-ioredis`. */
export function traceLibrary({ version }: ChannelOptions): ChannelTracing {
  const tracer = trace.getTracer('otel-xray/ioredis', version);
  const started = (
    outer: Context,
    name: string,
    attributes: () => Attributes,
  ): Started | undefined => {
    // Commands of the client itself, and those of no request.
    if (trace.getSpan(outer) === undefined) return undefined;
    const options = { kind: SpanKind.CLIENT, attributes: attributes() };
    // The commands with which a client prepares its connection are no children of it.
    return { span: tracer.startSpan(name, options, outer), context: outer };
  };
  return channelTracing('ioredis', {
    'ioredis:command': {
      start: (message: CommandMessage, outer) =>
        started(outer, message.command, () =>
          commandAttributes(message, message.command, message.args, 0),
        ),
    },
    'ioredis:connect': {
      start: (message: RedisMessage, outer) =>
        started(outer, 'connect', () => ({
          ...serverAttributes(message),
          'db.query.text': 'connect',
        })),
    },
  });
}
