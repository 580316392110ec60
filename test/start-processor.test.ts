import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { inOrder, onStart } from '../src/start-processor.ts';
import { TRACE_ID } from './support/span.ts';

test('start processors run in order, even after one that fails', () => {
  const calls: string[] = [];
  const processor = inOrder([
    onStart(() => calls.push('first')),
    onStart(() => {
      throw new Error('broken');
    }),
    onStart((span, parentContext) => {
      calls.push(`last ${span.spanContext().spanId} ${parentContext === ROOT_CONTEXT}`);
    }),
  ]);
  const span = trace.wrapSpanContext({ traceId: TRACE_ID, spanId: 'a1', traceFlags: 1 });
  processor.onStart(span as Span, ROOT_CONTEXT);
  processor.onEnd();
  expect(calls).toEqual(['first', 'last a1 true']);
});
