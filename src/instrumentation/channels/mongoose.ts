import { type Attributes, SpanKind, trace } from '@opentelemetry/api';
import { markLocalFailure } from '../databases/mongoose-errors.ts';
import { recordFailure } from '../spans/record-failure.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Operation,
} from './tracing-channel.ts';

interface OperationMessage {
  /** Name of the method, e.g. `findOne`. */
  readonly operation: string;
  /** Absent for an aggregation of a whole connection. */
  readonly collection?: string;
  readonly database?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
}

/**
 * Traces mongoose by its channels, with the spans of `@opentelemetry/instrumentation-mongoose`. The
 * commands of the driver hang below them.
 *
 * The channel for cursors is not used: it publishes each document, of which the driver reads many at once.
 */
export function traceLibrary({ version }: ChannelOptions): ChannelTracing {
  const tracer = trace.getTracer('otel-xray/mongoose', version);
  const operation: Operation<OperationMessage> = {
    isAsync: true,
    start(message, outer) {
      const options = { kind: SpanKind.CLIENT, attributes: operationAttributes(message) };
      return { span: tracer.startSpan(spanName(message), options, outer) };
    },
    onError(span, error) {
      markLocalFailure(span, error);
      recordFailure(span, error);
    },
  };
  return channelTracing('mongoose', {
    'mongoose:query': operation,
    'mongoose:aggregate': operation,
    'mongoose:model:save': operation,
    'mongoose:model:insertMany': operation,
    'mongoose:model:bulkWrite': operation,
  });
}

function spanName({ operation, collection }: OperationMessage): string {
  return collection === undefined ? operation : `${operation} ${collection}`;
}

function operationAttributes(message: OperationMessage): Attributes {
  return {
    'db.system.name': 'mongodb',
    'db.operation.name': message.operation,
    'db.collection.name': message.collection,
    'db.namespace': message.database,
    'server.address': message.serverAddress,
    'server.port': message.serverPort,
  };
}
