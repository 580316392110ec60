import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFailed } from 'vitest';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to a minimal environment, so that tests do not depend on that of the machine. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Program to run; the current Node by default. */
  readonly program?: string;
}

/** A child process that ends with the test process. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when a line on standard output matches; rejects if the child exits before. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  readonly finished: Promise<Finished>;
  /** Stops it and waits for the exit. */
  stop(signal?: NodeJS.Signals): Promise<Finished>;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Prints a text if the current test fails, so that the cause of a rare failure is not lost. */
export function printIfTestFails(text: () => string): void {
  try {
    onTestFailed(() => console.error(text()));
  } catch {
    // Not within a test: a hook fails with its own message.
  }
}

/** Returns the last lines of an output. */
export function tail(output: string): string {
  return output.slice(-4_000);
}

/** Starts Node (or another program) with a minimal environment. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(options.program ?? process.execPath, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  alive.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}).end(options.input ?? '');

  printIfTestFails(() => {
    const ended = child.exitCode ?? child.signalCode ?? 'running';
    return `${child.spawnargs.join(' ').slice(0, 300)}: ${ended}\n${tail(stdout)}${tail(stderr)}`;
  });

  const finished = once(child, 'close').then(([code, signal]) => {
    alive.delete(child);
    return { code, signal, stdout, stderr } as Finished;
  });
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const lines = createInterface({ input: child.stdout });
      const look = (text: string): void => {
        const match = pattern.exec(text);
        if (match) resolve(match);
      };
      for (const text of stdout.split('\n')) look(text);
      lines.on('line', look);
      finished.then((end) => {
        reject(
          new Error(`ended (${end.code ?? end.signal}) before ${pattern}: ${stdout}${stderr}`),
        );
      }, reject);
    });
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> => {
    child.kill(signal);
    return finished;
  };
  return { child, line, finished, stop };
}

/** Runs a program to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return start(args, options).finished;
}
