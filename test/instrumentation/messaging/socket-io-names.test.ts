import { SpanKind, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { instrumentationConfig } from '../../../src/instrumentation/configs.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

type SpanHook = (span: unknown) => void;
const { onHook, emitHook } = instrumentationConfig('socket.io', {
  logTraceIds: false,
  middlewareSpans: false,
  messageContent: false,
  connectSpans: false,
}) as { readonly onHook: SpanHook; readonly emitHook: SpanHook };

const RECEIVED = ['aws.local.service', SpanKind.CONSUMER, onHook] as const;
const SENT = ['aws.remote.service', SpanKind.PRODUCER, emitHook] as const;

test.each([
  ['a received event', '/', 'order', RECEIVED, 'socket.io order'],
  ['a received event of a namespace', '/admin', 'sweep', RECEIVED, 'socket.io /admin sweep'],
  [
    'an event of one of many namespaces',
    '/shop/4711',
    'order',
    RECEIVED,
    'socket.io /shop/:id order',
  ],
  ['a sent event', '/', 'news', SENT, 'socket.io news'],
  ['a sent event without a namespace', undefined, 'news', SENT, 'socket.io news'],
])('%s has its name', (_what, namespace, event, [attribute, kind, hook], expected) => {
  const attributes = {
    'messaging.socket.io.event_name': event,
    ...(namespace !== undefined && { 'messaging.destination': namespace }),
  };
  const span = trace.getTracer('socket.io').startSpan('receive /', { kind, attributes });
  hook(span);
  span.end();
  expect(tracing.spans().map(({ name, attributes: all }) => [name, all[attribute]])).toEqual([
    [expected, expected],
  ]);
});
