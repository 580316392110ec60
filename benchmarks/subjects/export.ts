/**
 * Measures the CPU time per span from its end to the socket. Spans are recorded, without being measured,
 * and then passed to the processor at once, because spans that have just ended are in the processor cache.
 * Prints one JSON line.
 *
 *   node benchmarks/subjects/export.ts PIPELINE UDP_PORT HTTP_PORT
 */
import { scaled } from '../support/quick.ts';
import { SPANS_PER_TRACE } from '../support/shop-trace.ts';
import { PIPELINES } from './pipelines.ts';
import { traceRecorder } from './recorded.ts';

const [name = '', udpPort, httpPort] = process.argv.slice(2);
const TRACES = 2_000;
const ROUNDS = scaled(40, 16);
/** Spans per turn of the event loop, about as many as in a busy server. */
const TURN = 25;

const pipeline = PIPELINES[name]?.();
if (pipeline === undefined) throw new TypeError(`no pipeline ${JSON.stringify(name)}`);

const record = traceRecorder(pipeline);
const processor = pipeline.processor({ udpPort: Number(udpPort), httpPort: Number(httpPort) });
const perSpan: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  let spent = 0;
  for (let index = 0; index < TRACES; index += TURN) {
    const traces = Array.from({ length: TURN }, (_, offset) => record(index + offset));
    const before = process.cpuUsage();
    for (const handOver of traces) handOver(processor);
    await new Promise(setImmediate);
    spent += cpuSince(before);
  }
  const before = process.cpuUsage();
  await processor.forceFlush();
  spent += cpuSince(before);
  perSpan.push(spent / (TRACES * SPANS_PER_TRACE));
}
// V8 still compiles in the first rounds.
const warm = perSpan.slice(ROUNDS / 2).sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ microseconds: warm[warm.length >> 1], spans: TRACES * SPANS_PER_TRACE * ROUNDS })}\n`,
);
await processor.shutdown();
process.exit();

/** Returns the CPU time in microseconds since an earlier reading. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
