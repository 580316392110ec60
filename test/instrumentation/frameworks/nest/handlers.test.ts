import { SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  recordHandlerError,
  tracedHandler,
} from '../../../../src/instrumentation/frameworks/nest/handlers.ts';
import { startTracing } from '../../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** What Nest makes of an error, and kafkajs records of it. */
const FAILURE = { code: SpanStatusCode.ERROR, message: 'Internal server error' };

/** Handles an event in the span of the library that got it, which fails if the handler has failed. */
function handleEvent(work: () => void): void {
  const handler = tracedHandler(Object.assign(work, { isEventHandler: true }), 'order.lost');
  trace.getTracer('kafkajs').startActiveSpan('process orders', (message) => {
    handler();
    message.setAttribute('error.type', 'Object');
    message.setStatus(FAILURE);
    message.end();
  });
}

test('the error of an event is that of its handler, not what Nest makes of it', () => {
  handleEvent(() => recordHandlerError(new RangeError('no address')));
  const message = tracing.span('process orders');
  expect([message.status, message.attributes]).toEqual([{ code: SpanStatusCode.ERROR }, {}]);
  const [event] = tracing.span('order.lost').events;
  expect(event?.attributes?.['exception.message']).toBe('no address');
});

test('what fails outside the handler is an error of the library', () => {
  handleEvent(() => {});
  const message = tracing.span('process orders');
  expect([message.status, message.attributes]).toEqual([FAILURE, { 'error.type': 'Object' }]);
});
