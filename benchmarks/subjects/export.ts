/**
 * CPU time of a span from its end to the socket: spans recorded before are handed to the processor
 * again, so that making them is not measured. Prints one JSON line.
 *
 *   node benchmarks/subjects/export.ts PIPELINE UDP_PORT HTTP_PORT
 */
import { recordTrace, SPANS_PER_TRACE } from '../support/shop-trace.ts';
import { type AnyProcessor, PIPELINES } from './pipelines.ts';

const [name = '', udpPort, httpPort] = process.argv.slice(2);
const TRACES = 2_000;
const ROUNDS = 12;
/** Handed over in one turn of the event loop; a busy server finishes about as many. */
const TURN = 25;

const pipeline = PIPELINES[name]?.();
if (pipeline === undefined) throw new TypeError(`no pipeline ${JSON.stringify(name)}`);

const recorded: ((processor: AnyProcessor) => void)[][] = [];
let current: ((processor: AnyProcessor) => void)[] = [];
const tracer = pipeline.tracer([
  {
    onStart: (span, context) => void current.push((processor) => processor.onStart(span, context)),
    onEnd: (span) => void current.push((processor) => processor.onEnd(span)),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  },
]);
for (let index = 0; index < TRACES; index += 1) {
  recordTrace(tracer, pipeline.api, index);
  recorded.push(current);
  current = [];
}

const processor = pipeline.processor({ udpPort: Number(udpPort), httpPort: Number(httpPort) });
const perSpan: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = process.cpuUsage();
  for (let index = 0; index < TRACES; index += TURN) {
    for (const trace of recorded.slice(index, index + TURN))
      for (const step of trace) step(processor);
    await new Promise(setImmediate);
  }
  await processor.forceFlush();
  const { user, system } = process.cpuUsage(before);
  perSpan.push((user + system) / (TRACES * SPANS_PER_TRACE));
}
// The first rounds are those in which V8 still compiles.
const warm = perSpan.slice(ROUNDS / 2).sort((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({ microseconds: warm[warm.length >> 1], spans: TRACES * SPANS_PER_TRACE * ROUNDS })}\n`,
);
await processor.shutdown();
process.exit();
