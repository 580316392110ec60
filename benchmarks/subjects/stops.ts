/**
 * Measures the longest turn of the event loop while traces end in bursts: 20 ms with eight traces per
 * millisecond, then 20 ms without. One trace is passed to the processor per turn; the rest of the turn is
 * the exporter's work.
 *
 * The result is the lower quartile, over all bursts on schedule, of the longest turn per burst: the work of
 * the exporter is in every burst, other load of the machine only in some. `NaN` if no burst was on schedule.
 * Spans are recorded before, except those of the X-Ray SDK, which sends what it creates. Prints one JSON line.
 *
 *   node benchmarks/subjects/stops.ts TRACER UDP_PORT HTTP_PORT
 */
import { scaled } from '../support/quick.ts';
import { PIPELINES } from './pipelines.ts';
import { traceRecorder } from './recorded.ts';
import { tracerNamed } from './tracers.ts';

const [name = '', udpPort, httpPort] = process.argv.slice(2);
const ports = { udpPort: Number(udpPort), httpPort: Number(httpPort) };
const TRACES = 2_000;
const PER_MS = 8;
const PERIOD_MS = 40;
const BUSY_MS = 20;
/** V8 still compiles in the first bursts. */
const WARM_MS = 1_000;
const END_MS = scaled(3_000, 2_000);

const handOver = handing();
/** For each burst: its longest turn in milliseconds, and its number of traces. */
const bursts: { longest: number; traces: number }[] = [];
let handed = 0;
const begin = performance.now();
let before = begin;

function turn(): void {
  const now = performance.now();
  const elapsed = now - begin;
  const burst = Math.floor((elapsed - WARM_MS) / PERIOD_MS);
  if (burst >= 0) {
    bursts[burst] ??= { longest: 0, traces: 0 };
    bursts[burst].longest = Math.max(bursts[burst].longest, now - before);
  }
  if (elapsed > END_MS) {
    const whole = bursts.filter(({ traces }) => traces >= BUSY_MS * PER_MS * 0.95);
    const sorted = whole.map((each) => each.longest).sort((a, b) => a - b);
    const microseconds = (sorted[sorted.length >> 2] ?? Number.NaN) * 1_000;
    process.stdout.write(`${JSON.stringify({ microseconds, bursts: whole.length })}\n`);
    process.exit();
  }
  if (handed < due(elapsed)) {
    handOver(handed % TRACES);
    handed += 1;
    if (bursts[burst] !== undefined) bursts[burst].traces += 1;
  }
  before = now;
  setImmediate(turn);
}

function due(elapsedMs: number): number {
  const periods = Math.floor(elapsedMs / PERIOD_MS);
  return (periods * BUSY_MS + Math.min(elapsedMs % PERIOD_MS, BUSY_MS)) * PER_MS;
}

function handing(): (index: number) => void {
  const pipeline = PIPELINES[name]?.();
  if (pipeline === undefined) {
    const tracer = tracerNamed(name, ports);
    return (index) => tracer.record(index);
  }
  const record = traceRecorder(pipeline);
  const traces = Array.from({ length: TRACES }, (_, index) => record(index));
  const processor = pipeline.processor(ports);
  return (index) => traces[index]?.(processor);
}

setImmediate(turn);
