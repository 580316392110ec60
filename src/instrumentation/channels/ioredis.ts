import { type Context, createContextKey, SpanKind, trace } from '@opentelemetry/api';
import { PREPARING } from '../databases/ioredis-commands.ts';
import {
  commandAttributes,
  type RedisMessage,
  serverAttributes,
} from '../databases/redis-attributes.ts';
import { connectOperation } from './connects.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Operation,
} from './tracing-channel.ts';

interface CommandMessage extends RedisMessage {
  readonly command: string;
  readonly args: readonly string[];
}

/** Set in the context in which a client connects and sends commands of its own. */
const CONNECTING = createContextKey('otel-xray: ioredis connects');

/** Traces ioredis by its channels, with the spans of our instrumentation. */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = trace.getTracer('otel-xray/ioredis', options.version);
  const command: Operation<CommandMessage> = {
    isAsync: true,
    start(message, outer) {
      const isOwn = outer.getValue(CONNECTING) === true && PREPARING.has(message.command);
      if (isOwn || trace.getSpan(outer) === undefined) return undefined;
      const attributes = commandAttributes(message, message.command, message.args, 0);
      const span = tracer.startSpan(message.command, { kind: SpanKind.CLIENT, attributes }, outer);
      return { span };
    },
  };
  const connect = connectOperation<RedisMessage>(
    {
      instrumentation: 'ioredis',
      tracer,
      name: 'connect',
      attributes: serverAttributes,
      connecting: (outer: Context) => outer.setValue(CONNECTING, true),
    },
    options,
  );
  const inTrace: Operation<RedisMessage> = {
    ...connect,
    start: (message, outer, watch) =>
      trace.getSpan(outer) === undefined ? undefined : connect.start(message, outer, watch),
  };
  return channelTracing('ioredis', { 'ioredis:command': command, 'ioredis:connect': inTrace });
}
