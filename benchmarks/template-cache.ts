/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with and
 * without the template cache, for spans of different similarity. Rounds alternate between the two in
 * one process, so the ratio is more accurate than that of `npm run bench`.
 *
 * The last column is the ratio while the cache learns: both start anew in each round, with V8 warm.
 *
 *   npx node benchmarks/template-cache.ts [MIX…]
 */
import { newBatchWriter, writeSpans } from './support/batch-writing.ts';
import { MIXES, spansOf } from './support/key-sets.ts';
import { median } from './support/start.ts';

const SPANS = 8_192;
/** The first half of the rounds is a warm-up for V8 and the cache. */
const ROUNDS = 32;

process.stdout.write(`${'mix'.padEnd(24)} on µs  off µs  ratio  learning\n`);
const asked = process.argv.slice(2);
for (const [name, mix] of Object.entries(MIXES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const spans = spansOf(mix, SPANS);
  const [cached, plain] = [newBatchWriter(true), newBatchWriter(false)];
  const warm = alternating(() => [writeSpans(cached, spans), writeSpans(plain, spans)]);
  const anew = alternating(() => [
    writeSpans(newBatchWriter(true), spans),
    writeSpans(newBatchWriter(false), spans),
  ]);
  const figures = [
    median(warm.map(([on]) => on)).toFixed(2),
    median(warm.map(([, off]) => off))
      .toFixed(2)
      .padStart(7),
    ratioOf(warm).padStart(6),
    ratioOf(anew).padStart(9),
  ];
  process.stdout.write(`${name.padEnd(24)}  ${figures.join(' ')}\n`);
}

type Sample = readonly [on: number, off: number];

function alternating(round: () => Sample): readonly Sample[] {
  return Array.from({ length: ROUNDS }, round).slice(ROUNDS / 2);
}

function ratioOf(samples: readonly Sample[]): string {
  return median(samples.map(([on, off]) => on / off)).toFixed(2);
}
