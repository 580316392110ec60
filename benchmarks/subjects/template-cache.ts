/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with the
 * template cache on or off. Prints one JSON line. With `first`, prints the time of the first spans of
 * the process, in which V8 and the cache are cold: 1,000, 2,000, 5,000 and 8,192 of them. With `write`,
 * only writes so many spans, for a measurement from outside.
 *
 *   node benchmarks/subjects/template-cache.ts on|off MIX [first | write COUNT]
 */
import { newBatchWriter, writeSpans } from '../support/batch-writing.ts';
import { MIXES, spansOf } from '../support/key-sets.ts';
import { scaled } from '../support/quick.ts';
import { median } from '../support/start.ts';

const [mode = 'on', name = '', phase, count] = process.argv.slice(2);
const mix = MIXES[name];
if (mix === undefined) throw new TypeError(`no mix ${JSON.stringify(name)}`);

const ROUNDS = scaled(64, 16);
const spans = spansOf(mix, 8_192);
const writer = newBatchWriter(mode === 'on');

if (phase === 'first') {
  process.stdout.write(`${JSON.stringify(firstSpans([1_000, 2_000, 5_000, 8_192]))}\n`);
} else if (phase === 'write') {
  writeSpans(writer, spans.slice(0, Number(count)));
} else {
  const perSpan = Array.from({ length: ROUNDS }, () => writeSpans(writer, spans));
  // The first rounds are a warm-up for V8 and the cache.
  const microseconds = median(perSpan.slice(ROUNDS / 2));
  process.stdout.write(`${JSON.stringify({ microseconds })}\n`);
}

/** Returns the CPU time until each number of spans in microseconds. */
function firstSpans(marks: readonly number[]): readonly number[] {
  let sum = 0;
  return marks.map((mark, index) => {
    const next = spans.slice(marks[index - 1] ?? 0, mark);
    sum += writeSpans(writer, next) * next.length;
    return sum;
  });
}
