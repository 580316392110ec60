import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { meetsRequirement } from './requirements.ts';

/** The Python of `scripts/ci-setup.sh`. */
export const PYTHON: string = resolve(import.meta.dirname, '../../.cache/venv/bin/python');

/** Returns whether the tests' Python environment exists; prints the reason for a skip if not. */
export function hasPython(): boolean {
  return meetsRequirement(
    existsSync(PYTHON)
      ? undefined
      : 'no Python environment in .cache/venv; run scripts/ci-setup.sh to create it',
  );
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
