import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { binaryPath } from './binaries.ts';
import { SPANS_FOLDER } from './fixtures.ts';

/** Result of the Collector's translator for one span. */
export interface OracleAnswer {
  readonly span: string;
  readonly documents: readonly OracleDocument[] | null;
  readonly error?: string;
}

/** A document of the Collector. */
export type OracleDocument = Readonly<Record<string, unknown>>;

/**
 * Runs the Collector's translator on requests with one span each.
 *
 * It ends at a span on which it panics; a new process gets the rest.
 *
 * @returns one result per line, `'crash'` for a panic
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
    // If it ends early, it does not read the rest of its input.
    if (error !== undefined && (error as { code?: string }).code !== 'EPIPE') throw error;
    for (const line of stdout.split('\n')) if (line !== '') answers.push(JSON.parse(line));
    if (answers.length < lines.length) answers.push('crash');
    else if (status !== 0) throw new Error(`collector-translate exited with ${status}`);
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
