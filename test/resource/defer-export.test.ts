import { ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { deferExport, type FlushableProcessor } from '../../src/resource/defer-export.ts';

/** A processor that records its calls. */
function recorder(): FlushableProcessor<string> & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    onStart: () => calls.push('start'),
    onEnd: (span) => calls.push(`end ${span}`),
    forceFlush: async () => {
      calls.push('flush');
    },
    shutdown: async () => {
      calls.push('shutdown');
    },
    flushSync: (deadlineMs) => calls.push(`flush now ${deadlineMs}`),
  };
}

/** A resource whose completion is controlled by the test. */
function pending(): {
  asyncAttributesPending: boolean;
  detections: number;
  waitForAsyncAttributes(): Promise<void>;
  settle(): Promise<void>;
} {
  let done: () => void = () => {};
  const answer = new Promise<void>((resolve) => {
    done = resolve;
  });
  return {
    asyncAttributesPending: true,
    detections: 0,
    waitForAsyncAttributes() {
      this.detections += 1;
      return answer;
    },
    settle() {
      this.asyncAttributesPending = false;
      done();
      return answer;
    },
  };
}

test('spans are buffered in order, the services are queried at the first end, later spans are passed on', async () => {
  const inner = recorder();
  const resource = pending();
  const hold = deferExport(inner, resource);
  hold.onStart({} as Span, ROOT_CONTEXT);
  expect([inner.calls, resource.detections]).toEqual([['start'], 0]);
  hold.onEnd('a');
  hold.onEnd('b');
  expect([inner.calls, resource.detections]).toEqual([['start'], 1]);
  await resource.settle();
  hold.onEnd('c');
  expect(inner.calls).toEqual(['start', 'end a', 'end b', 'end c']);
});

test('a span that ends between the response and the release keeps its order', () => {
  const inner = recorder();
  const resource = pending();
  const hold = deferExport(inner, resource);
  hold.onEnd('a');
  resource.settle();
  hold.onEnd('b');
  expect(inner.calls).toEqual(['end a', 'end b']);
});

test('a flush waits for the response, but not if there are no spans', async () => {
  const inner = recorder();
  const resource = pending();
  const hold = deferExport(inner, resource);
  await hold.forceFlush();
  expect([inner.calls, resource.detections]).toEqual([['flush'], 0]);
  hold.onEnd('a');
  const flushed = hold.forceFlush();
  const closed = hold.shutdown();
  expect(inner.calls).toEqual(['flush']);
  await resource.settle();
  await Promise.all([flushed, closed]);
  expect(inner.calls).toEqual(['flush', 'end a', 'flush', 'shutdown']);
});

test('the exit of the process does not wait', () => {
  const inner = recorder();
  const hold = deferExport(inner, pending());
  hold.onEnd('a');
  hold.flushSync(500);
  expect(inner.calls).toEqual(['end a', 'flush now 500']);
});

test('spans that end after the last flush are not buffered', () => {
  const inner = recorder();
  const hold = deferExport(inner, pending());
  hold.onEnd('a');
  hold.finalFlush?.(500);
  hold.onEnd('b');
  expect(inner.calls).toEqual(['end a', 'flush now 500', 'end b']);
});

test('the last flush is forwarded to a processor that supports it', () => {
  const inner = recorder();
  const last = { ...inner, finalFlush: () => inner.calls.push('last') };
  deferExport(last, pending()).finalFlush?.(500);
  expect(inner.calls).toEqual(['last']);
});

test('a full buffer is passed on', () => {
  const inner = recorder();
  const hold = deferExport(inner, pending(), () => {}, 2);
  for (const span of ['a', 'b', 'c']) hold.onEnd(span);
  expect(inner.calls).toEqual(['end a', 'end b', 'end c']);
});

test('spans are not buffered if the resource is complete', () => {
  const inner = recorder();
  const hold = deferExport(inner, {});
  hold.onEnd('a');
  expect(inner.calls).toEqual(['end a']);
});

test('the buffer is passed on if the resource fails', async () => {
  const inner = recorder();
  const hold = deferExport(inner, {
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => Promise.reject(new Error('broken')),
  });
  hold.onEnd('a');
  await hold.forceFlush();
  expect(inner.calls).toEqual(['end a', 'flush']);
});
