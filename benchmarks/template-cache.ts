/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with and
 * without the template cache, for spans of different similarity. Rounds alternate between the two,
 * so the ratio is more accurate than that of `npm run bench`.
 *
 * `ratio` is that of a warm cache. `learning` is the ratio of the first 8,192 spans of a cache, with
 * V8 warm. The last columns show the first 1,000, 2,000, 5,000 and 8,192 spans of a new process. In
 * parentheses: the same ratio of two measurements without the cache. A ratio shows nothing if it
 * differs less from 1 than this noise.
 *
 * With `--instructions`, counts the instructions of the first 1,000 and 8,192 spans of a process
 * instead, which no other process disturbs. This needs valgrind and takes minutes.
 *
 *   npx node benchmarks/template-cache.ts [--instructions] [MIX…]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { BatchWriter } from '../src/exporter/batch/batch-writer.ts';
import { newBatchWriter, writeSpans } from './support/batch-writing.ts';
import { instructionsOf } from './support/instructions.ts';
import { MIXES, type Mix, spansOf } from './support/key-sets.ts';

const SPANS = 8_192;
/** New processes for each column. */
const PROCESSES = 40;
const ROUNDS = 16;
/** Rounds that are a warm-up for V8 and the cache. */
const WARM_UP = 16;
/** The cache is on or off; the second `off` shows the noise. */
const SUBJECTS = ['on', 'off', 'off'];
/** Number of spans whose instructions are counted. */
const COUNTED = [1_000, SPANS];
const SUBJECT = join(import.meta.dirname, 'subjects/template-cache.ts');

const isCounting = process.argv.includes('--instructions');
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const heading = isCounting
  ? COUNTED.map((count) => `first ${count.toLocaleString('en')}`).join('  ')
  : 'on µs  off µs  ratio         learning      new process';
process.stdout.write(`${'mix'.padEnd(24)} ${heading}\n`);
for (const [name, mix] of Object.entries(MIXES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const figures = isCounting ? instructionRatios(name) : timeRatios(name, mix);
  process.stdout.write(`${name.padEnd(24)} ${figures.join('  ')}\n`);
}

function timeRatios(name: string, mix: Mix): readonly string[] {
  const spans = spansOf(mix, SPANS);
  const writers = SUBJECTS.map((subject) => newBatchWriter(subject === 'on'));
  const warm = alternating((at) => [writeSpans(writers[at] as BatchWriter, spans)]);
  const anew = alternating((at) => [writeSpans(newBatchWriter(SUBJECTS[at] === 'on'), spans)]);
  const first = alternating((at) => firstSpans(SUBJECTS[at] as string, name), PROCESSES, 0);
  return [
    ...warm.slice(0, 2).map((rounds) => lowerQuartile(rounds, 0).toFixed(2).padStart(5)),
    ...[warm, anew, first].flatMap(ratiosOf),
  ];
}

/** Returns the ratios of the instructions that V8, in one thread, needs for the first spans. */
function instructionRatios(mix: string): readonly string[] {
  const count = (mode: string, spans: number) =>
    instructionsOf([SUBJECT, mode, mix, 'write', `${spans}`]);
  const without = count('off', 0);
  return COUNTED.map((spans) => {
    const ratio = (count('on', spans) - without) / (count('off', spans) - without);
    return ratio.toFixed(3).padStart(11);
  });
}

/** CPU times of a subject by round; a round has one figure or several. */
type Rounds = readonly (readonly number[])[];

/** Measures all subjects by their index, in alternating order. */
function alternating(
  measure: (subject: number) => readonly number[],
  rounds = ROUNDS,
  warmUp = WARM_UP,
): readonly Rounds[] {
  const all: (readonly number[])[][] = SUBJECTS.map(() => []);
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (let turn = 0; turn < SUBJECTS.length; turn += 1) {
      const subject = (round + turn) % SUBJECTS.length;
      const figures = measure(subject);
      if (round >= warmUp) all[subject]?.push(figures);
    }
  }
  return all;
}

function firstSpans(mode: string, mix: string): readonly number[] {
  const args = [SUBJECT, mode, mix, 'first'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function ratiosOf([on = [], off = [], offAgain = []]: readonly Rounds[]): readonly string[] {
  return (off[0] ?? []).map((_, at) => {
    const ratio = (rounds: Rounds) =>
      (lowerQuartile(rounds, at) / lowerQuartile(off, at)).toFixed(2);
    return `${ratio(on)} (${ratio(offAgain)})`;
  });
}

/** Returns the lower quartile, which other processes disturb less than the median. */
function lowerQuartile(rounds: Rounds, at: number): number {
  const sorted = rounds.map((figures) => figures[at] ?? Number.NaN).sort((a, b) => a - b);
  return sorted[sorted.length >> 2] ?? Number.NaN;
}
