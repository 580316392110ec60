/**
 * `npm run bench`: compares otel-xray with its peers in one run on one machine.
 *
 * Each figure is the median of rounds in which the subjects alternate, each in a fresh process; CPU time
 * where possible. Peers are included if they are installed (`npm run bench:peers`).
 *
 *   node benchmarks/run.ts [--rounds N] [--only SUITE|GROUP]… [--from FILE] [--json FILE] [--write] [--quick]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SUITES } from './suites.ts';
import type { Figure } from './support/figure.ts';
import { updatedReadme } from './support/readme.ts';
import { report } from './support/report.ts';
import { startSink } from './support/sink.ts';
import type { Suite } from './support/suite.ts';

const USAGE = `usage: npm run bench -- [options]

  --only SUITE|GROUP  one suite, or those whose names begin with GROUP-; can be repeated: ${SUITES.map(({ name }) => name).join(', ')}
  --rounds N          samples of each subject (default: 2, with --quick 1)
  --quick             fewer rounds, subjects and repetitions: two minutes
  --from FILE         adds the figures of an earlier run to those of this run
  --json FILE         writes the figures as JSON
  --write             writes docs/benchmarks.md, and the figures of README.md that are measured here
  -h, --help          prints this help
`;

const OPTIONS = {
  rounds: { type: 'string' },
  only: { type: 'string', multiple: true },
  from: { type: 'string' },
  json: { type: 'string' },
  write: { type: 'boolean', default: false },
  /** See support/quick.ts. */
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const values = readOptions();
const rounds = Number(values.rounds ?? (values.quick ? 1 : 2));
const sink = await startSink();
const suites = SUITES.filter(
  ({ name }) => values.only === undefined || values.only.some((only) => isMeant(name, only)),
);
/** Figures of the earlier run, without those that this run measures again. */
const earlier: readonly Figure[] =
  values.from === undefined
    ? []
    : readFigures(values.from).filter(({ suite }) => suites.every(({ name }) => name !== suite));
const figures: Figure[] = [...earlier];
/** Computed once, because it prints the reason why subjects are skipped. */
const subjectsOf = new Map(suites.map((suite) => [suite, suite.subjects()]));
const subjects = (suite: Suite): readonly string[] => subjectsOf.get(suite) ?? [];
const total = suites.reduce((sum, suite) => sum + subjects(suite).length * rounds, 0);
const startedAt = performance.now();
let done = 0;
for (const suite of suites) {
  const samples = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects(suite)) {
      logProgress(`${suite.name}: ${subject}, round ${round + 1} of ${rounds}`);
      const value = await suite.measure(subject, sink).catch(logFailure);
      done += 1;
      if (value === undefined) continue;
      samples.set(subject, [...(samples.get(subject) ?? []), value]);
    }
  }
  for (const [subject, measured] of samples) {
    const alone = values.only !== undefined;
    figures.push({ suite: suite.name, subject, values: measured, ...(alone && { alone }) });
  }
}
sink.close();

/** Ends the process if the options are invalid, or ask for help. */
function readOptions(): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] {
  try {
    const { values: given } = parseArgs({ options: OPTIONS });
    if (given.rounds !== undefined && !/^[1-9]\d*$/.test(given.rounds)) {
      throw new TypeError(`--rounds ${given.rounds}: expected a whole number from 1`);
    }
    for (const only of given.only ?? []) {
      if (SUITES.some(({ name }) => isMeant(name, only))) continue;
      throw new TypeError(`--only ${only}: no such suite`);
    }
    if (given.from !== undefined) readFigures(given.from);
    if (!given.help) return given;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @throws {Error} if the file cannot be read, or `--json` did not write it */
function readFigures(file: string): readonly Figure[] {
  try {
    const { figures } = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(figures)) return figures;
    throw new TypeError('expected a file that --json wrote');
  } catch (error) {
    throw new TypeError(`--from ${file}: ${(error as Error).message}`);
  }
}

/** `channels` means all suites whose names begin with it, as no suite has that name. */
function isMeant(name: string, only: string): boolean {
  return SUITES.some((other) => other.name === only) ? name === only : name.startsWith(`${only}-`);
}

/** Prints one line per sample to standard error: the sample, and the remaining time. */
function logProgress(what: string): void {
  const seconds = (performance.now() - startedAt) / 1000;
  const left = done === 0 ? '' : `, about ${duration((seconds / done) * (total - done))} left`;
  process.stderr.write(`[${done + 1}/${total}${left}] ${what}\n`);
}

/** Formats seconds: in seconds below two minutes, else in minutes. */
function duration(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
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
  const root = join(import.meta.dirname, '..');
  writeFileSync(join(root, 'docs/benchmarks.md'), `${text}\n`);
  const readme = join(root, 'README.md');
  writeFileSync(readme, updatedReadme(readFileSync(readme, 'utf8'), figures));
}
