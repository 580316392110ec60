import { EventEmitter } from 'node:events';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { watchStreams } from '../../../src/instrumentation/databases/pg-streams.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** Passes errors as the cursor of `pg-cursor` does. */
class Cursor extends EventEmitter {
  readonly text = 'SELECT 1';
  readonly values = [7];
  readonly errors: unknown[] = [];
  submit(): void {}
  handleError(error: unknown): string {
    this.errors.push(error);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    return 'handled';
  }
}

const wrapper = watchStreams(
  (original) => original,
  (_client, { text, values }) =>
    trace.getTracer('pg').startSpan(text, { attributes: { values: values as number[] } }),
);
const query = wrapper((cursor) => cursor);

function spans(): readonly unknown[] {
  return tracing
    .spans()
    .map(({ name, attributes, status: { message } }) => ({ name, attributes, message }));
}
const SPAN = { name: 'SELECT 1', attributes: { values: [7] } };

test('an error of a cursor without listeners is recorded once, for each cursor', () => {
  for (const message of ['first', 'second']) {
    const cursor = new Cursor();
    const error = new Error(message);
    query(cursor);
    expect([cursor.handleError(error), cursor.errors]).toEqual(['handled', [error]]);
    cursor.emit('end');
  }
  expect(spans()).toEqual([
    { ...SPAN, message: 'first' },
    { ...SPAN, message: 'second' },
  ]);
});

test('an error that the app listens for is recorded once', () => {
  const cursor = new Cursor().on('error', () => {});
  query(cursor);
  cursor.handleError(new Error('failed'));
  expect(spans()).toEqual([{ ...SPAN, message: 'failed' }]);
});

test('a cursor that nothing observes is left alone', () => {
  new Cursor().handleError(new Error('failed'));
  expect(spans()).toEqual([]);
});

test('a cursor ends its span', () => {
  const cursor = new Cursor();
  query(cursor);
  cursor.emit('end');
  cursor.emit('close');
  expect(spans()).toEqual([{ ...SPAN, message: undefined }]);
});
