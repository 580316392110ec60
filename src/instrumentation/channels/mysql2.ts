import { type Attributes, SpanKind, trace } from '@opentelemetry/api';
import utils from '@opentelemetry/instrumentation-mysql2/build/src/utils.js';
import { userOfQuery } from '../databases/mysql2-user.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Operation,
} from './tracing-channel.ts';

interface QueryMessage {
  /** SQL text; of `query`, with its values. */
  readonly query: string;
  readonly database: string;
  /** A host name or the path of a socket. */
  readonly serverAddress: string;
  readonly serverPort?: number;
}

const { getSpanName } = utils as unknown as { getSpanName(query: string): string };

/**
 * Traces queries of mysql2 by its channels, with the spans of `@opentelemetry/instrumentation-mysql2`.
 *
 * Its channels for connections are not used: they add a listener for `error` to each connection, so that
 * an error without one would no longer end the app.
 */
export function traceLibrary({ version }: ChannelOptions): ChannelTracing {
  const tracer = trace.getTracer('otel-xray/mysql2', version);
  const query: Operation<QueryMessage> = {
    hasCallback: true,
    isAsync: true,
    start(message, outer) {
      const options = { kind: SpanKind.CLIENT, attributes: queryAttributes(message) };
      return { span: tracer.startSpan(getSpanName(message.query), options, outer) };
    },
  };
  return channelTracing('mysql2', { 'mysql2:query': query, 'mysql2:execute': query });
}

function queryAttributes(message: QueryMessage): Attributes {
  const { query, database, serverAddress, serverPort } = message;
  return {
    'db.system.name': 'mysql',
    'db.query.text': query,
    'db.namespace': database || undefined,
    'server.address': serverAddress,
    'server.port': serverPort,
    'db.user': userOfQuery(),
  };
}
