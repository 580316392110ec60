import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { XRayExporter } from '../../src/exporter/index.ts';
import { type EndedSpan, XRaySpanProcessor } from '../../src/exporter/processor.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Exported {
  readonly atMs: number;
  readonly names: readonly string[];
}

/** A processor that notes what it passes to its exporter, and when. */
function noted() {
  const startMs = Date.now();
  const exported: Exported[] = [];
  const note = (spans: readonly { readonly name: string }[]) => {
    exported.push({ atMs: Date.now() - startMs, names: spans.map(({ name }) => name) });
    return true;
  };
  const exporter = { queued: 0, flushOnTaskEnd: false, enqueue: note, enqueueEnded: note };
  const processor = new XRaySpanProcessor({
    exporter: exporter as unknown as XRayExporter,
    now: () => Date.now() - startMs,
  });
  let ids = 0;
  const start = (name: string, parent?: Span): Span => {
    ids += 1;
    const spanContext = { traceId: '1'.repeat(32), spanId: `${ids}`, traceFlags: 1 };
    const span = {
      name,
      resource: { attributes: {} },
      spanContext: () => spanContext,
      end: () => processor.onEnd(span as unknown as EndedSpan),
    } as unknown as Span;
    const around: Context =
      parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    processor.onStart(span, around);
    return span;
  };
  return { start, exported };
}

test('a finished span waits for its request for the whole delay, and no longer', () => {
  const { start, exported } = noted();
  const first = start('first');
  start('child of first', first).end();
  vi.advanceTimersByTime(60);
  const second = start('second');
  start('child of second', second).end();
  vi.advanceTimersByTime(200);
  expect(exported).toEqual([
    { atMs: 100, names: ['child of first'] },
    { atMs: 160, names: ['child of second'] },
  ]);
});

test('short requests need one timer per delay', () => {
  const { start, exported } = noted();
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  for (let request = 0; request < 40; request += 1) {
    const root = start('root');
    start('child', root).end();
    root.end();
    vi.advanceTimersByTime(5);
  }
  expect(exported).toHaveLength(40);
  expect(setTimeout).toHaveBeenCalledTimes(2);
});
