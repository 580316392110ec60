import { spawnSync } from 'node:child_process';

/** Options of V8 that make it execute the same instructions each time, all in one thread. */
const PREDICTABLE = ['--predictable', '--single-threaded', '--random-seed=1', '--hash-seed=1'];
const CACHEGRIND = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
const TOTAL = /I\s+refs:\s+([\d,]+)/;

/**
 * Returns the number of instructions that Node executes for a script, counted by valgrind.
 *
 * @throws Error without valgrind, or if the script fails
 */
export function instructionsOf(args: readonly string[]): number {
  const command = [...CACHEGRIND, '--smc-check=all-non-file', process.execPath, ...PREDICTABLE];
  const { error, status, stderr } = spawnSync('valgrind', [...command, ...args], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error(`valgrind cannot be started: ${error.message}`);
  const [, total] = TOTAL.exec(stderr) ?? [];
  if (status !== 0 || total === undefined) throw new Error(stderr);
  return Number(total.replaceAll(',', ''));
}
