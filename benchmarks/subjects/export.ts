/**
 * Measures the CPU time per span from its end to the socket. Recorded spans are passed to the processor
 * again, so that their creation is not measured. Prints one JSON line.
 *
 *   node benchmarks/subjects/export.ts PIPELINE UDP_PORT HTTP_PORT
 */
import { scaled } from '../support/quick.ts';
import { SPANS_PER_TRACE } from '../support/shop-trace.ts';
import { PIPELINES } from './pipelines.ts';
import { recordedTraces } from './recorded.ts';

const [name = '', udpPort, httpPort] = process.argv.slice(2);
const TRACES = 2_000;
const ROUNDS = scaled(40, 16);
/** Spans per turn of the event loop, about as many as in a busy server. */
const TURN = 25;

const pipeline = PIPELINES[name]?.();
if (pipeline === undefined) throw new TypeError(`no pipeline ${JSON.stringify(name)}`);

const recorded = recordedTraces(pipeline, TRACES);
const processor = pipeline.processor({ udpPort: Number(udpPort), httpPort: Number(httpPort) });
const perSpan: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = process.cpuUsage();
  for (let index = 0; index < TRACES; index += TURN) {
    for (const handOver of recorded.slice(index, index + TURN)) handOver(processor);
    await new Promise(setImmediate);
  }
  await processor.forceFlush();
  const { user, system } = process.cpuUsage(before);
  perSpan.push((user + system) / (TRACES * SPANS_PER_TRACE));
}
// V8 still compiles in the first rounds.
const warm = perSpan.slice(ROUNDS / 2).sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ microseconds: warm[warm.length >> 1], spans: TRACES * SPANS_PER_TRACE * ROUNDS })}\n`,
);
await processor.shutdown();
process.exit();
