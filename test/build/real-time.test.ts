import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { run } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-real-time-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with spans of the compiled-in SDK; returns what it logs as JSON. */
async function logged(program: string, exporter = 'none'): Promise<unknown> {
  const file = join(folder, 'app.cjs');
  const api = JSON.stringify(join(root, 'node_modules/@opentelemetry/api'));
  const index = JSON.stringify(join(root, 'dist/index.cjs'));
  writeFileSync(
    file,
    `const { trace } = require(${api});
const done = async () => {};
require(${index}).start({
  spanProcessors: [{ onStart() {}, onEnd() {}, forceFlush: done, shutdown: done }],
});
const tracer = trace.getTracer('app');
const isLoaded = () => process.moduleLoadList.includes('NativeModule perf_hooks');
const ms = ([seconds, nanos]) => seconds * 1e3 + nanos / 1e6;
${program}`,
  );
  const { stdout } = await run([file], {
    env: {
      OTEL_LOG_LEVEL: 'none',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_TRACES_EXPORTER: exporter,
    },
  });
  return JSON.parse(stdout);
}

test('the first spans do not load the modules of performance', async () => {
  const loaded = await logged(`const before = isLoaded();
tracer.startSpan('job').end();
const first = isLoaded();
for (let count = 0; count < 1_200; count += 1) tracer.startSpan('job').end();
console.log(JSON.stringify([before, first, isLoaded()]));`);
  expect(loaded).toEqual([false, false, true]);
});

test('the exporter loads the modules of performance, so that no flush does', async () => {
  const loaded = await logged(
    `tracer.startSpan('job').end();
setTimeout(() => setTimeout(() => console.log(JSON.stringify(isLoaded()))));`,
    'xray',
  );
  expect(loaded).toBe(true);
});

test('time does not jump when a span outlasts the load of performance', async () => {
  const times = await logged(`const startedMs = Date.now();
const long = tracer.startSpan('long');
const durations = [];
for (let count = 0; count < 1_200; count += 1) {
  const span = tracer.startSpan('job');
  span.end();
  durations.push(ms(span.duration));
}
long.end();
const tookMs = Date.now() - startedMs;
console.log(JSON.stringify({
  isInOrder: durations.every((duration) => duration >= 0),
  isWithin: ms(long.duration) >= Math.max(...durations) && ms(long.duration) <= tookMs + 2,
}));`);
  expect(times).toEqual({ isInOrder: true, isWithin: true });
});

test('a time of performance.now() is understood before and after its modules load', async () => {
  const offsets = await logged(`const off = () => {
  const span = tracer.startSpan('job');
  const nodeMs = performance.now();
  span.addEvent('event', undefined, nodeMs);
  return ms(span.events[0].time) - performance.timeOrigin - nodeMs;
};
const early = off();
for (let count = 0; count < 1_200; count += 1) tracer.startSpan('job').end();
console.log(JSON.stringify([early, off()].map((ms) => Math.abs(ms) < 1_000)));`);
  expect(offsets).toEqual([true, true]);
});
