import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';

type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOptions {
  /** Program and its arguments. */
  readonly command: readonly [program: string, ...rest: string[]];
  readonly env: Environment;
  /** Whether the terminal itself sends Ctrl-C to the command. */
  readonly terminal: boolean;
}

/** Returns the environment of the command: it preloads register and sends to the local daemon. */
export function commandEnvironment(
  env: Environment,
  { daemonAddress, register }: { readonly daemonAddress: string; readonly register: string },
): Record<string, string | undefined> {
  // A file URL has no spaces or quotes, where NODE_OPTIONS would be split.
  const flag = `--import=${pathToFileURL(register).href}`;
  const before = env['NODE_OPTIONS']?.trim() ?? '';
  const options = before.split(/\s+/).includes(flag) ? before : `${before} ${flag}`.trim();
  return { ...env, NODE_OPTIONS: options, AWS_XRAY_DAEMON_ADDRESS: daemonAddress };
}

/** Signals that are forwarded to the command. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Runs a command with the same standard streams and forwards signals.
 *
 * @returns its exit code, or 128 + the number of the signal that ended it, as shells have it
 * @throws {Error} when it cannot be started
 */
export function runCommand({ command, env, terminal }: CommandOptions): Promise<number> {
  const [program, ...rest] = command;
  const child = spawn(program, rest, {
    env: env as NodeJS.ProcessEnv,
    stdio: 'inherit',
    // npm and npx are scripts on Windows, which only a shell can start.
    shell: process.platform === 'win32',
  });
  const pass = PASSED_ON.map((signal) => {
    const listener = (): void => {
      // The terminal has already sent it to the command; a second signal would cut its shutdown short.
      if (!(terminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  }).finally(() => {
    for (const off of pass) off();
  });
}

/** Resolves with the first signal that asks this process to end. */
export function endSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}
