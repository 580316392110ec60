import { SpanKind, trace } from '@opentelemetry/api';
import {
  commandAttributes,
  type RedisMessage,
  serverAttributes,
} from '../databases/redis-attributes.ts';
import { isMultiPatched } from '../databases/redis-multi.ts';
import { connectOperation } from './connects.ts';
import { type ChannelOptions, type ChannelTracing, channelTracing } from './tracing-channel.ts';

interface CommandMessage extends RedisMessage {
  /** Name of the command and its arguments. */
  readonly args: readonly string[];
  readonly batchMode?: 'MULTI' | 'PIPELINE';
}

interface BatchMessage extends RedisMessage {
  readonly batchMode: 'MULTI' | 'PIPELINE';
  readonly batchSize: number;
}

/**
 * Traces node-redis by its channels, with the spans of `@opentelemetry/instrumentation-redis`.
 *
 * The channels do not publish the commands of a `MULTI`, which the instrumentation therefore still
 * records where it can patch the client. Inside a bundle, a `MULTI` is one span.
 */
export function traceLibrary(options: ChannelOptions): ChannelTracing {
  const tracer = trace.getTracer('otel-xray/redis', options.version);
  const kind = SpanKind.CLIENT;
  return channelTracing('redis', {
    'node-redis:command': {
      isAsync: true,
      start(message: CommandMessage, outer) {
        const { batchMode } = message;
        if (batchMode !== undefined && isMultiPatched()) return undefined;
        const { args } = message;
        const [command = ''] = args;
        const operation = batchMode === undefined ? command : `${batchMode} ${command}`;
        const attributes = commandAttributes(message, command, args, 1, operation);
        return { span: tracer.startSpan(`redis-${command}`, { kind, attributes }, outer) };
      },
    },
    'node-redis:batch': {
      isAsync: true,
      start(message: BatchMessage, outer) {
        const { batchMode, batchSize } = message;
        if (batchMode !== 'MULTI' || isMultiPatched()) return undefined;
        const attributes = {
          ...serverAttributes(message),
          'db.operation.name': batchMode,
          'db.operation.batch.size': batchSize,
        };
        return { span: tracer.startSpan(`redis-${batchMode}`, { kind, attributes }, outer) };
      },
    },
    'node-redis:connect': connectOperation<RedisMessage>(
      { instrumentation: 'redis', tracer, name: 'redis-connect', attributes: serverAttributes },
      options,
    ),
  });
}
