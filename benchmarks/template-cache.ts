/**
 * What the template cache of the exporter saves, by how much the spans of an app resemble each other:
 * CPU time of a span from the exporter's queue to the bytes of its datagram, with the cache and
 * without. Rounds alternate between the two in one process, so the ratio is more exact than that of
 * `npm run bench`.
 *
 *   npx node benchmarks/template-cache.ts [MIX…]
 */
import { newBatchWriter, writeSpans } from './support/batch-writing.ts';
import { MIXES, spansOf } from './support/key-sets.ts';
import { median } from './support/start.ts';

const SPANS = 8_192;
/** The first half, in which V8 compiles and the cache learns, does not count. */
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
