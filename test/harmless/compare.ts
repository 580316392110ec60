import { join } from 'node:path';
import { root } from '../../scripts/staleness.mjs';
import { type Finished, type RunOptions, start } from '../support/run.ts';

export const REGISTER: string = join(root, 'dist/register.cjs');
const PROGRAMS = join(import.meta.dirname, 'programs');

/** What others see of a program. */
export interface Outcome extends Omit<Finished, 'stderr'> {
  /** Lines on standard error that are not ours. */
  readonly stderr: readonly string[];
}

/** Lines that otel-xray may write: its own messages, each once. */
const OURS = /^(?:warn|info|error) otel-xray: /;

export interface Compared {
  readonly without: Outcome;
  readonly with: Outcome;
  /** Lines of otel-xray on standard error. */
  readonly messages: readonly string[];
}

export interface CompareOptions extends Omit<RunOptions, 'program'> {
  /** Node; the current one by default. */
  readonly program?: string | undefined;
  /** Pipes whose reader goes away as the program starts. */
  readonly deadPipes?: readonly ('stdout' | 'stderr')[];
  /** Options of Node. */
  readonly node?: readonly string[] | undefined;
  /** A shell command that is run before the program, in the same shell. */
  readonly before?: string | undefined;
}

/**
 * Runs a program of `programs` without and with the flag.
 *
 * @param args name of the program and its arguments
 */
export async function compare(
  args: readonly string[],
  options: CompareOptions = {},
): Promise<Compared> {
  const [name, ...rest] = args;
  const program = [...(options.node ?? []), join(PROGRAMS, name as string), ...rest];
  const alone = await runToEnd(program, options);
  const traced = await runToEnd(['--import', REGISTER, ...program], options);
  const lines = traced.stderr.split('\n');
  return {
    without: outcomeOf(alone),
    with: outcomeOf(traced),
    messages: lines.filter((line) => OURS.test(line)),
  };
}

function runToEnd(args: readonly string[], options: CompareOptions): Promise<Finished> {
  const { deadPipes = [], before, program = process.execPath, ...others } = options;
  // `exec`, so that a signal that ends the program is seen here.
  const { child, finished } =
    before === undefined
      ? start(args, { ...others, program })
      : start(['-c', `${before}; exec "$0" "$@"`, program, ...args], { ...others, program: 'sh' });
  for (const pipe of deadPipes) child[pipe]?.destroy();
  return finished;
}

function outcomeOf({ code, signal, stdout, stderr }: Finished): Outcome {
  // Node puts its process id before a warning.
  const text = stderr.replaceAll(/\(node:\d+\)/g, '(node:PID)');
  const lines = text.split('\n').filter((line) => !OURS.test(line));
  return { code, signal, stdout, stderr: lines };
}
