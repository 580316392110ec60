import { type Span, SpanKind } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createOpenTraces, type OpenTrace } from '../../src/exporter/open-traces.ts';

interface FakeSpan {
  isOpen: boolean;
  readonly kind: SpanKind;
}

function span(kind: SpanKind = SpanKind.SERVER): FakeSpan & Span {
  const made = { isOpen: true, kind, isRecording: () => made.isOpen };
  return made as FakeSpan & Span & typeof made;
}

const emptyTrace = (): OpenTrace => ({ spans: [], limit: 0 });

test('running spans are those of traces that have not ended and did not start with a call', () => {
  const traces = createOpenTraces();
  const [request, inner, done, ended, poll] = [
    span(),
    span(SpanKind.INTERNAL),
    span(),
    span(),
    span(SpanKind.CLIENT),
  ];
  const [a, b, c] = [emptyTrace(), emptyTrace(), emptyTrace()];
  traces.start(a, request);
  traces.add(a, inner);
  traces.add(a, done);
  done.isOpen = false;
  traces.start(b, ended);
  traces.end(b);
  traces.start(c, poll);
  expect(traces.running()).toEqual([request, inner]);
});

test('a trace that runs for long does not keep the spans that have ended', () => {
  const traces = createOpenTraces();
  const trace = emptyTrace();
  const first = span();
  traces.start(trace, first);
  for (let i = 0; i < 10_000; i += 1) {
    const child = span();
    traces.add(trace, child);
    child.isOpen = false;
  }
  expect(trace.spans.length).toBeLessThan(100);
  expect(traces.running()).toEqual([first]);
});

test('of traces that never end, the newest are tracked', () => {
  const traces = createOpenTraces();
  const spans = Array.from({ length: 1_000 }, () => span());
  for (const each of spans) traces.start(emptyTrace(), each);
  expect(traces.running()).toEqual(spans.slice(-512));
});

test('the lists of a trace keep no spans when they are no longer used', () => {
  const traces = createOpenTraces();
  const trace = emptyTrace();
  traces.start(trace, span());
  const first = trace.spans;
  for (let i = 0; i < 64; i += 1) traces.add(trace, span());
  const second = trace.spans;
  traces.finish(trace);
  expect([first, second, trace.spans]).toEqual([[], [], []]);
  expect(new Set([first, second, trace.spans]).size).toBe(3);
});
