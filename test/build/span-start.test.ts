import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { run } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-span-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with spans of the compiled-in SDK; returns what it logs as JSON. */
async function logged(program: string): Promise<unknown> {
  const file = join(folder, 'app.cjs');
  const api = JSON.stringify(join(root, 'node_modules/@opentelemetry/api'));
  const index = JSON.stringify(join(root, 'dist/index.cjs'));
  writeFileSync(
    file,
    `const { ROOT_CONTEXT, INVALID_SPAN_CONTEXT, trace } = require(${api});
const real = performance;
let reads = 0;
Object.defineProperty(globalThis, 'performance', {
  value: { now: () => (reads += 1, real.now()), timeOrigin: real.timeOrigin },
});
const done = async () => {};
require(${index}).start({
  spanProcessors: [{ onStart() {}, onEnd() {}, forceFlush: done, shutdown: done }],
});
const tracer = trace.getTracer('app');
const below = (parent, options) =>
  tracer.startSpan('child', options, trace.setSpan(ROOT_CONTEXT, parent));
${program}`,
  );
  const { stdout } = await run([file], {
    env: { OTEL_LOG_LEVEL: 'none', OTEL_TRACES_SAMPLER: 'always_on' },
  });
  return JSON.parse(stdout);
}

test('a span reads the monotonic clock once when it starts and once when it ends', async () => {
  const counts = await logged(`const before = reads;
const span = tracer.startSpan('job');
const started = reads - before;
span.end();
console.log(JSON.stringify([started, reads - before]));`);
  expect(counts).toEqual([1, 2]);
});

test('a span accepts its start time in every form of the API', async () => {
  const times = await logged(`const now = real.now();
const starts = [1e12 + 1, new Date(1e12 + 2), [1e9, 3e6], now];
const at = (startTime) => tracer.startSpan('job', { startTime }).startTime;
const [ms, date, hr, [seconds, nanos]] = starts.map(at);
const offMs = Math.abs(seconds * 1e3 + nanos / 1e6 - real.timeOrigin - now);
console.log(JSON.stringify({ ms, date, hr, isNow: offMs < 1_000 }));`);
  expect(times).toEqual({ ms: [1e9, 1e6], date: [1e9, 2e6], hr: [1e9, 3e6], isNow: true });
});

test('checks the ids of a parent, except for a span of the SDK', async () => {
  const traces = await logged(`let checks = 0;
const { isSpanContextValid } = trace;
trace.isSpanContextValid = (context) => (checks += 1, isSpanContextValid(context));
const traceOf = (span) => span.spanContext().traceId;
const parent = tracer.startSpan('parent');
const isSame = traceOf(below(parent)) === traceOf(parent);
const invalid = below(trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
console.log(JSON.stringify({
  isSame,
  isNew: isSpanContextValid(invalid.spanContext()) && invalid.parentSpanContext === undefined,
  remote: traceOf(below(trace.wrapSpanContext(remote))),
  checks,
}));`);
  expect(traces).toEqual({ isSame: true, isNew: true, remote: 'a'.repeat(32), checks: 2 });
});

test('what one span changes does not show in another', async () => {
  const spans =
    await logged(`const [one, other] = [tracer.startSpan('one'), tracer.startSpan('other')];
const context = other.spanContext();
one.setAttribute('a', 1).addEvent('e').addLink({ context }).setStatus({ code: 2 }).end();
const limited = tracer.startSpan('third', { attributes: { a: undefined }, links: [{ context }] });
const shown = ({ attributes, events, links, status, endTime, duration }) =>
  ({ attributes, events: events.length, links: links.length, status, endTime, duration });
console.log(JSON.stringify([shown(other), shown(limited)]));`);
  const running = {
    attributes: {},
    events: 0,
    status: { code: 0 },
    endTime: [0, 0],
    duration: [-1, -1],
  };
  expect(spans).toEqual([
    { ...running, links: 0 },
    { ...running, links: 1 },
  ]);
});

test('children start and end within their parents, on the same clock', async () => {
  const outside = await logged(`const inMs = ([seconds, nanos]) => seconds * 1e3 + nanos / 1e6;
const outside = [];
for (let i = 0; i < 300; i += 1) {
  const parent = tracer.startSpan('parent');
  const child = below(parent);
  const grandchild = below(child);
  for (const span of [grandchild, child, parent]) span.end();
  const spans = [parent, child, grandchild];
  const starts = spans.map(({ startTime }) => inMs(startTime));
  const ends = spans.map(({ endTime }) => inMs(endTime));
  if (starts[0] > starts[1] || starts[1] > starts[2]) outside.push(starts);
  if (ends[0] < ends[1] || ends[1] < ends[2]) outside.push(ends);
}
console.log(JSON.stringify(outside));`);
  expect(outside).toEqual([]);
});

test('a span whose start is on a clock that is ahead lasts as long as it has existed', async () => {
  const isPositive =
    await logged(`const span = tracer.startSpan('job', { startTime: Date.now() + 10 });
const started = real.now();
while (real.now() === started);
span.end();
console.log(JSON.stringify(span.duration[0] === 0 && span.duration[1] > 0));`);
  expect(isPositive).toBe(true);
});
