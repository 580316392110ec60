import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const PYTHON = resolve(import.meta.dirname, '../../.cache/venv/bin/python');

/**
 * Whether the Python environment of `scripts/ci-setup.sh` is there. Prints the reason of a skip.
 *
 * @throws {Error} in CI, where no test may be skipped
 */
export function hasPython(): boolean {
  if (existsSync(PYTHON)) return true;
  const reason = 'no .cache/venv; scripts/ci-setup.sh makes it';
  if (process.env.CI) throw new Error(`in CI no test may be skipped; ${reason}`);
  process.stdout.write(`skipped: ${reason}\n`);
  return false;
}

/** Runs a Python program; resolves with what it printed. */
export async function runPython(program: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(PYTHON, ['-c', program], { env: { ...process.env, ...env } });
  const chunks: Record<'out' | 'error', Buffer[]> = { out: [], error: [] };
  child.stdout.on('data', (chunk) => chunks.out.push(chunk));
  child.stderr.on('data', (chunk) => chunks.error.push(chunk));
  const code = await new Promise((done, fail) => child.once('close', done).once('error', fail));
  if (code !== 0) throw new Error(`python ended with ${code}: ${Buffer.concat(chunks.error)}`);
  return Buffer.concat(chunks.out).toString();
}
