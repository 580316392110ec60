import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { binaryPath } from './binaries.ts';
import { SPANS_FOLDER } from './fixtures.ts';

/** What the collector's translator says of one span. */
export interface OracleAnswer {
  readonly span: string;
  readonly documents: readonly OracleDocument[] | null;
  readonly error?: string;
}

/** A document of the collector; only what the comparison reads is typed. */
export type OracleDocument = Readonly<Record<string, unknown>>;

/**
 * Lets the collector's translator translate requests of one span each.
 *
 * It stops at a span on which it panics; the next ones are then given to a new process.
 *
 * @returns one answer per line, `'crash'` where it panicked
 */
export function oracleAnswers(
  lines: readonly string[],
  options: readonly string[] = [],
): readonly (OracleAnswer | 'crash')[] {
  const answers: (OracleAnswer | 'crash')[] = [];
  while (answers.length < lines.length) {
    const { stdout, status, error } = spawnSync(binaryPath('collector-translate'), options, {
      input: lines.slice(answers.length).join('\n'),
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
    });
    // When it stops early it does not read the rest of what it is given.
    if (error !== undefined && (error as { code?: string }).code !== 'EPIPE') throw error;
    for (const line of stdout.split('\n')) if (line !== '') answers.push(JSON.parse(line));
    if (answers.length < lines.length) answers.push('crash');
    else if (status !== 0) throw new Error(`the oracle ended with ${status}`);
  }
  return answers;
}

/** Returns random spans of the generator, one request per line. */
export function syntheticLines(
  count: number,
  seed: number,
  ...flags: readonly string[]
): readonly string[] {
  const { stdout, error } = spawnSync(
    process.execPath,
    [join(SPANS_FOLDER, 'scripts/synthetic.mjs'), String(count), String(seed), ...flags],
    { encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  return stdout.split('\n').filter((line) => line !== '');
}
