import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preload } from './preload.ts';
import { scaled } from './quick.ts';

const run = promisify(execFile);
const APP = join(import.meta.dirname, '../subjects/empty-app.cjs');
/** No process listens there; the app ends before anything is sent. */
const NOWHERE = { udpPort: 9, httpPort: 9 };
const STARTS = scaled(7, 3);

/**
 * Measures what a subject adds to the start of an app that only loads `node:http`.
 *
 * @returns the difference of medians over several starts; subject and bare app alternate
 */
export async function addedByStart(
  subject: string,
  what: 'milliseconds' | 'megabytes',
): Promise<number> {
  const bare: number[] = [];
  const traced: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    bare.push(await once('bare', what));
    traced.push(await once(subject, what));
  }
  return median(traced) - median(bare);
}

async function once(subject: string, what: 'milliseconds' | 'megabytes'): Promise<number> {
  const { flags, env } = preload(subject, NOWHERE);
  const before = performance.now();
  const { stdout } = await run(process.execPath, [...flags, APP], {
    env: { PATH: process.env['PATH'], ...env },
  });
  if (what === 'milliseconds') return performance.now() - before;
  return JSON.parse(stdout).rss / 1024 / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
