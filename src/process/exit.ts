/** What has to be done before the process is gone. */
export interface Flushable {
  /** Sends what is queued before it returns; blocks at most `deadlineMs`. */
  flushSync(deadlineMs?: number): void;
  /** Sends what is queued without blocking. */
  forceFlush?(): Promise<void>;
  /** The same as `flushSync` for the last time: what comes after it has to be sent at once. */
  finalFlush?(deadlineMs?: number): void;
}

/** How a thread sends when another asks it: without blocking, before it answers, or for the last time. */
export type FlushManner = 'soon' | 'now' | 'at last';

/** The other threads of the process, which end with it. */
export interface OtherThreads {
  /** Asks them to send what is finished; does not wait. */
  ask(manner: FlushManner): void;
  /** Blocks until they have done so, at most so long. */
  wait(deadlineMs: number): void;
}

/** The longest the end is held up by threads that do not answer, because they are busy. */
export const THREADS_MS = 250;

/** The longest a program is held up that has a listener for the signal; a full queue takes less. */
const LISTENED_MS = 50;

export interface ExitOptions {
  /** Threads that are to send what they have before the process ends. */
  readonly threads?: OtherThreads | undefined;
  /** Called when the process is about to end, before the last is sent; may end spans. */
  readonly onEnding?: (() => void) | undefined;
  /** Called when all is sent and the process is about to end. */
  readonly onSent?: (() => void) | undefined;
  /** Longest time the end of the process is held up. Default 1,000. */
  readonly deadlineMs?: number | undefined;
  /** The process to watch, for tests. */
  readonly process?: NodeJS.Process | undefined;
}

/**
 * Signals that end a process that has no listener for them. Many container images have SIGQUIT as
 * their stop signal; a closing terminal sends SIGHUP. Windows can raise only the first two again.
 */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGTERM', 'SIGINT'] : ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/**
 * Sends what is queued when the process ends: at its natural end, by `process.exit()`, by an
 * uncaught error or by a signal. Works in worker threads, which get no signals; the main thread asks
 * them to send before it ends.
 *
 * A signal for which the program has a listener of its own is left to it. One for which it has
 * none ends the process as if we were not there, with the same exit code.
 *
 * @returns takes everything back
 */
export function flushAtExit(target: Flushable, options: ExitOptions = {}): () => void {
  const { deadlineMs = 1_000, process: watched = process, threads, onEnding, onSent } = options;
  const quietly = (work: () => void): void => {
    try {
      work();
    } catch {
      // The process ends; nobody can be told, and its exit code is not ours to change.
    }
  };
  const flush = (): void => quietly(() => target.flushSync(deadlineMs));
  /** The other threads send while this one does. */
  const withThreads = (manner: FlushManner, work: () => void): void => {
    quietly(() => threads?.ask(manner));
    quietly(work);
    quietly(() => threads?.wait(THREADS_MS));
    quietly(() => onSent?.());
  };
  const finalFlush = (): void => {
    quietly(() => onEnding?.());
    withThreads('at last', () => (target.finalFlush ?? target.flushSync).call(target, deadlineMs));
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // Not counted while the others look: `signal-exit` lets the process live when it sees us.
    watched.removeListener(signal, onSignal);
    if (watched.listenerCount(signal) <= signalExitListeners(watched)) {
      quietly(() => onEnding?.());
      withThreads('now', flush);
      watched.kill(watched.pid, signal);
      return;
    }
    setImmediate(() => watched.prependListener(signal, onSignal));
    // The program ends in its own time, but it may end at once, by raising the signal again.
    quietly(() => threads?.ask('soon'));
    quietly(() => target.flushSync(LISTENED_MS));
  };
  watched.prependListener('beforeExit', flush);
  watched.on('exit', finalFlush);
  for (const signal of SIGNALS) watched.prependListener(signal, onSignal);
  return () => {
    watched.removeListener('beforeExit', flush);
    watched.removeListener('exit', finalFlush);
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
