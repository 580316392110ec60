import { allowMoreListeners } from './listener-limit.ts';

/** Something that must be flushed before the process ends. */
export interface Flushable {
  /** Sends everything that is queued before it returns. Blocks for at most `deadlineMs`. */
  flushSync(deadlineMs?: number): void;
  /** Sends everything that is queued, without blocking. */
  forceFlush?(): Promise<void>;
  /** The last `flushSync`: spans that end after it are sent immediately. */
  finalFlush?(deadlineMs?: number): void;
}

/** How a thread flushes on request: without blocking, before it answers, or for the last time. */
export type FlushManner = 'soon' | 'now' | 'at last';

/** The other threads of the process. */
export interface OtherThreads {
  /** Requests a flush of their finished spans, without waiting for it. */
  ask(manner: FlushManner): void;
  /** Blocks until they have answered, for at most `deadlineMs`. */
  wait(deadlineMs: number): void;
}

/** Longest wait for threads that do not answer because they are busy. */
export const THREADS_MS = 250;

/** Longest flush in a program that has its own listener for the signal; a full queue takes less. */
const LISTENED_MS = 50;

export interface ExitOptions {
  /** Threads to flush before the process ends. */
  readonly threads?: OtherThreads | undefined;
  /** Called when the process is about to end, before the last is sent; may end spans. */
  readonly onEnding?: (() => void) | undefined;
  /** Called the first time that the event loop is empty, before the flush. */
  readonly onEmpty?: (() => void) | undefined;
  /** Called when everything is sent and the process is about to end. */
  readonly onSent?: (() => void) | undefined;
  /** Longest delay of the end of the process. Default 1,000. */
  readonly deadlineMs?: number | undefined;
  /** The process to watch, for tests. */
  readonly process?: NodeJS.Process | undefined;
}

/**
 * Signals that end a process that has no listener for them, and what to raise afterwards. Many
 * container images have SIGQUIT as their stop signal; a closing terminal sends SIGHUP.
 */
const SIGNALS: Partial<Record<NodeJS.Signals, NodeJS.Signals>> = {
  SIGTERM: 'SIGTERM',
  SIGINT: 'SIGINT',
  SIGHUP: 'SIGHUP',
  SIGQUIT: 'SIGQUIT',
};

/**
 * On Windows, a closed console arrives as SIGHUP, Ctrl+Break as SIGBREAK. `process.kill` can raise
 * neither; it ends the process for SIGINT and SIGTERM.
 *
 * @see https://nodejs.org/api/process.html#signal-events
 */
const WINDOWS_SIGNALS: typeof SIGNALS = {
  SIGTERM: 'SIGTERM',
  SIGINT: 'SIGINT',
  SIGHUP: 'SIGTERM',
  SIGBREAK: 'SIGINT',
};

/**
 * Flushes when the process ends: when the event loop is empty, on `process.exit()`, on an uncaught
 * error, and on a signal. Also works in worker threads, which receive no signals: the main thread
 * requests their flush before it ends.
 *
 * If the program has its own listener for a signal, that listener decides what happens. If it has
 * none, the signal ends the process as without otel-xray.
 *
 * @returns removes all listeners
 */
export function flushAtExit(target: Flushable, options: ExitOptions = {}): () => void {
  const { deadlineMs = 1_000, process: watched = process, threads, onEnding, onSent } = options;
  let { onEmpty } = options;
  const signals = watched.platform === 'win32' ? WINDOWS_SIGNALS : SIGNALS;
  const names = Object.keys(signals) as NodeJS.Signals[];
  const quietly = (work: () => void): void => {
    try {
      work();
    } catch {
      // The process is ending, and its exit code must stay that of the app.
    }
  };
  const flush = (): void => quietly(() => target.flushSync(deadlineMs));
  const beforeExit = (): void => {
    const first = onEmpty;
    onEmpty = undefined;
    quietly(() => first?.());
    flush();
  };
  /** Runs `work` while the other threads flush. */
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
  const hasNoListener = (signal: NodeJS.Signals): boolean => {
    const own = watched.listeners(signal).includes(onSignal) ? 1 : 0;
    return watched.listenerCount(signal) - own <= signalExitListeners(watched);
  };
  const { kill } = watched;
  /**
   * A program that has shut down on a signal may end itself with it: our listener must not receive the
   * signal then, because an empty event loop would end the process first, with exit code 0.
   */
  const killOrEnd: typeof kill = (pid, signal) => {
    const name = names.find((one) => one === (signal ?? 'SIGTERM') || numberOf(one) === signal);
    if (pid === watched.pid && name !== undefined && hasNoListener(name)) {
      watched.removeListener(name, onSignal);
      withThreads('now', flush);
    }
    return kill.call(watched, pid, signal);
  };
  /** @param number present if Node.js has received a signal, absent if the app emits the event itself */
  const onSignal = (signal: NodeJS.Signals, number?: number): void => {
    if (number === undefined) return;
    // `signal-exit` keeps the process alive if it sees a listener other than its own.
    watched.removeListener(signal, onSignal);
    if (hasNoListener(signal)) {
      quietly(() => onEnding?.());
      withThreads('now', flush);
      kill.call(watched, watched.pid, signals[signal] ?? signal);
      return;
    }
    watched.kill = killOrEnd;
    setImmediate(() => watched.prependListener(signal, onSignal));
    // The program may end later, or immediately by raising the signal again.
    quietly(() => threads?.ask('soon'));
    quietly(() => target.flushSync(LISTENED_MS));
  };
  const restoreLimit = allowMoreListeners(watched, 1);
  watched.prependListener('beforeExit', beforeExit);
  watched.on('exit', finalFlush);
  for (const signal of names) watched.prependListener(signal, onSignal);
  return () => {
    restoreLimit();
    watched.removeListener('beforeExit', beforeExit);
    watched.removeListener('exit', finalFlush);
    for (const signal of names) watched.removeListener(signal, onSignal);
    if (watched.kill === killOrEnd) watched.kill = kill;
  };
}

function numberOf(signal: NodeJS.Signals): number | undefined {
  return process.getBuiltinModule('node:os').constants.signals[signal];
}

/**
 * Returns how many of a signal's listeners belong to the npm package `signal-exit`, which many
 * command line tools use. They only clean up, and end the process if there is no other listener.
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
