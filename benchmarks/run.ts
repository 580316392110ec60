/**
 * `npm run bench`: compares otel-xray with its peers in one run on one machine.
 *
 * Each figure is the median of rounds in which the subjects alternate, each in a fresh process; CPU time
 * where possible. Peers are included if they are installed (`npm run bench:peers`).
 *
 *   node benchmarks/run.ts [--rounds N] [--only SUITE] [--json FILE] [--write]
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SUITES } from './suites.ts';
import { type Figure, report } from './support/report.ts';
import { startSink } from './support/sink.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    only: { type: 'string' },
    json: { type: 'string' },
    /** Writes docs/benchmarks.md. */
    write: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
const sink = await startSink();
const figures: Figure[] = [];
const suites = SUITES.filter(({ name }) => values.only === undefined || name === values.only);
const total = suites.reduce((sum, suite) => sum + suite.subjects().length * rounds, 0);
const startedAt = performance.now();
let done = 0;
for (const suite of suites) {
  const samples = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of suite.subjects()) {
      logProgress(`${suite.name}: ${subject}, round ${round + 1} of ${rounds}`);
      const value = await suite.measure(subject, sink).catch(logFailure);
      done += 1;
      if (value === undefined) continue;
      samples.set(subject, [...(samples.get(subject) ?? []), value]);
    }
  }
  for (const [subject, values] of samples) figures.push({ suite: suite.name, subject, values });
}
sink.close();

/** Prints one line per sample to standard error: the sample, and the remaining time. */
function logProgress(what: string): void {
  const seconds = (performance.now() - startedAt) / 1000;
  const left =
    done === 0 ? '' : `, about ${Math.ceil(((seconds / done) * (total - done)) / 60)} min left`;
  process.stderr.write(`[${done + 1}/${total}${left}] ${what}\n`);
}

/** Prints the error of a failed sample, which is skipped. */
function logFailure(error: Error): undefined {
  process.stderr.write(`${error.message}\n`);
}

const machine = {
  node: process.version,
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  rounds,
};
const text = report(figures, SUITES, machine);
process.stdout.write(`${text}\n`);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}
if (values.write) {
  writeFileSync(join(import.meta.dirname, '../docs/benchmarks.md'), `${text}\n`);
}
