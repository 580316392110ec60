/** What has to be done before the process is gone. */
export interface Flushable {
  /** Sends what is queued before it returns; blocks at most `deadlineMs`. */
  flushSync(deadlineMs?: number): void;
  /** Sends what is queued without blocking. */
  forceFlush?(): Promise<void>;
  /** The same as `flushSync` for the last time: what comes after it has to be sent at once. */
  flushAtLast?(deadlineMs?: number): void;
}

export interface ExitOptions {
  /** Longest time the end of the process is held up. Default 1,000. */
  readonly deadlineMs?: number | undefined;
  /** The process to watch, for tests. */
  readonly process?: NodeJS.Process | undefined;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Sends what is queued when the process ends: at its natural end, by `process.exit()`, by an
 * uncaught error or by a signal. Works in worker threads, which get no signals.
 *
 * A signal for which the program has a listener of its own is left to it. One for which it has
 * none ends the process as if we were not there, with the same exit code.
 *
 * @returns takes everything back
 */
export function flushAtExit(target: Flushable, options: ExitOptions = {}): () => void {
  const { deadlineMs = 1_000, process: watched = process } = options;
  const quietly = (work: () => void): void => {
    try {
      work();
    } catch {
      // The process ends; nobody can be told, and its exit code is not ours to change.
    }
  };
  const flush = (): void => quietly(() => target.flushSync(deadlineMs));
  const flushAtLast = (): void =>
    quietly(() => (target.flushAtLast ?? target.flushSync).call(target, deadlineMs));
  const onSignal = (signal: NodeJS.Signals): void => {
    // Not counted while the others look: `signal-exit` lets the process live when it sees us.
    watched.removeListener(signal, onSignal);
    if (watched.listenerCount(signal) <= signalExitListeners(watched)) {
      flush();
      watched.kill(watched.pid, signal);
      return;
    }
    setImmediate(() => watched.prependListener(signal, onSignal));
    // The program ends in its own time; its event loop is not ours to block.
    if (target.forceFlush === undefined) flush();
    else target.forceFlush().catch(() => {});
  };
  watched.prependListener('beforeExit', flush);
  watched.on('exit', flushAtLast);
  for (const signal of SIGNALS) watched.prependListener(signal, onSignal);
  return () => {
    watched.removeListener('beforeExit', flush);
    watched.removeListener('exit', flushAtLast);
    for (const signal of SIGNALS) watched.removeListener(signal, onSignal);
  };
}

/**
 * How many of a signal's listeners belong to the npm package `signal-exit`, which many command
 * line tools bring: they only clean up, and end the process when nobody else listens.
 *
 * @see https://github.com/tapjs/signal-exit, which counts its own copies in these two places
 */
function signalExitListeners(watched: NodeJS.Process): number {
  const old = (watched as { __signal_exit_emitter__?: { count?: number } }).__signal_exit_emitter__;
  const current = (globalThis as Record<symbol, { count?: number } | undefined>)[
    Symbol.for('signal-exit emitter')
  ];
  return (old?.count ?? 0) + (current?.count ?? 0);
}
