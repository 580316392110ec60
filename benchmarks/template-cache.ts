/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with and
 * without the template cache, for spans of different similarity. Rounds alternate between the two,
 * so the ratio is more accurate than that of `npm run bench`.
 *
 * `ratio` is that of a warm cache. `learning` is the ratio of the first 8,192 spans of a cache, with
 * V8 warm. The last columns show the first 1,000, 2,000, 5,000 and 8,192 spans of a new process.
 *
 *   npx node benchmarks/template-cache.ts [MIX…]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { newBatchWriter, writeSpans } from './support/batch-writing.ts';
import { MIXES, spansOf } from './support/key-sets.ts';

const SPANS = 8_192;
const PROCESSES = 10;
const ROUNDS = 16;
/** Rounds that are a warm-up for V8 and the cache. */
const WARM_UP = 16;
const SUBJECT = join(import.meta.dirname, 'subjects/template-cache.ts');

process.stdout.write(`${'mix'.padEnd(24)} on µs  off µs  ratio  learning  new process\n`);
const asked = process.argv.slice(2);
for (const [name, mix] of Object.entries(MIXES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const spans = spansOf(mix, SPANS);
  const [cached, plain] = [newBatchWriter(true), newBatchWriter(false)];
  const warm = alternating((isOn) => [writeSpans(isOn ? cached : plain, spans)]);
  const anew = alternating((isOn) => [writeSpans(newBatchWriter(isOn), spans)]);
  const first = alternating((isOn) => firstSpans(isOn, name), PROCESSES, 0);
  const figures = [
    lowerQuartile(warm.on, 0).toFixed(2),
    lowerQuartile(warm.off, 0).toFixed(2).padStart(7),
    ...ratiosOf(warm).map((ratio) => ratio.padStart(6)),
    ...ratiosOf(anew).map((ratio) => ratio.padStart(9)),
    ` ${ratiosOf(first).join(' ')}`,
  ];
  process.stdout.write(`${name.padEnd(24)}  ${figures.join(' ')}\n`);
}

/** CPU times by round; a round has one figure or several. */
interface Samples {
  readonly on: (readonly number[])[];
  readonly off: (readonly number[])[];
}

/** Measures both in alternating order. */
function alternating(
  measure: (isOn: boolean) => readonly number[],
  rounds = ROUNDS,
  warmUp = WARM_UP,
): Samples {
  const samples: Samples = { on: [], off: [] };
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const isOn of round % 2 === 0 ? [true, false] : [false, true]) {
      const figures = measure(isOn);
      if (round >= warmUp) samples[isOn ? 'on' : 'off'].push(figures);
    }
  }
  return samples;
}

function firstSpans(isOn: boolean, mix: string): readonly number[] {
  const args = [SUBJECT, isOn ? 'on' : 'off', mix, 'first'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function ratiosOf({ on, off }: Samples): readonly string[] {
  return (on[0] ?? []).map((_, at) => (lowerQuartile(on, at) / lowerQuartile(off, at)).toFixed(2));
}

/** Returns the lower quartile, which other processes disturb less than the median. */
function lowerQuartile(rounds: readonly (readonly number[])[], at: number): number {
  const sorted = rounds.map((figures) => figures[at] ?? Number.NaN).sort((a, b) => a - b);
  return sorted[sorted.length >> 2] ?? Number.NaN;
}
