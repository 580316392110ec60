/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with and
 * without the template cache, for spans of different similarity. Rounds alternate between the two in
 * one process, so the ratio is more accurate than that of `npm run bench`.
 *
 *   npx node benchmarks/template-cache.ts [MIX…]
 */
import { newBatchWriter, writeSpans } from './support/batch-writing.ts';
import { MIXES, spansOf } from './support/key-sets.ts';
import { median } from './support/start.ts';

const SPANS = 8_192;
/** The first half of the rounds is a warm-up for V8 and the cache. */
const ROUNDS = 32;

process.stdout.write(`${'mix'.padEnd(24)} on µs  off µs  ratio\n`);
const asked = process.argv.slice(2);
for (const [name, mix] of Object.entries(MIXES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const spans = spansOf(mix, SPANS);
  const [cached, plain] = [newBatchWriter(true), newBatchWriter(false)];
  const samples = Array.from({ length: ROUNDS }, (): readonly [number, number] => [
    writeSpans(cached, spans),
    writeSpans(plain, spans),
  ]);
  const warm = samples.slice(ROUNDS / 2);
  const on = median(warm.map(([first]) => first));
  const off = median(warm.map(([, second]) => second));
  const ratio = median(warm.map(([first, second]) => first / second));
  const figures = [on.toFixed(2), off.toFixed(2).padStart(7), ratio.toFixed(2).padStart(6)];
  process.stdout.write(`${name.padEnd(24)}  ${figures.join(' ')}\n`);
}
