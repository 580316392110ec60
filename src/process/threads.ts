import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BroadcastChannel, MessagePort, Worker } from 'node:worker_threads';
import { type Flushable, type FlushManner, type OtherThreads, THREADS_MS } from './exit.ts';

/** The channel between the threads of a process; not visible to the app. */
const CHANNEL = 'otel-xray.threads';
/** Node publishes `{ worker }` here when a worker has been created. */
const WORKER_MADE = 'worker_threads';
/** Value of `answer` after the thread has ended. */
const GONE = 2 ** 31 - 1;

type Message =
  /** A worker has started; `answer` holds the number of the last round it has completed. */
  | { readonly kind: 'here'; readonly threadId: number; readonly answer: SharedArrayBuffer }
  | { readonly kind: 'who is here' }
  | { readonly kind: 'flush'; readonly round: number; readonly manner: FlushManner };

/**
 * Flushes the worker threads of a process before the main thread ends it. Node stops workers without
 * notice then, and their queued spans would be lost.
 *
 * Each worker listens on a channel, which wakes it although the main thread is blocked, and answers
 * in shared memory. Nothing is loaded before the first worker is created, which Node reports on a
 * diagnostics channel. Nothing keeps a thread alive.
 *
 * @param own what this thread flushes on request, if it is a worker
 * @returns `close` stops listening
 */
export function joinThreads(own: Flushable): OtherThreads & { close(): void } {
  return isWorker() ? asWorker(own) : asMain();
}

function asWorker(own: Flushable): OtherThreads & { close(): void } {
  const { BroadcastChannel, threadId } = threads();
  const channel = new BroadcastChannel(CHANNEL).unref();
  const memory = new SharedArrayBuffer(4);
  const answer = new Int32Array(memory);
  const set = (round: number): void => {
    Atomics.store(answer, 0, round);
    Atomics.notify(answer, 0);
  };
  const introduce = (): void => send(channel, { kind: 'here', threadId, answer: memory });
  listen(channel, (message) => {
    if (message.kind === 'who is here') introduce();
    if (message.kind !== 'flush') return;
    void flush(own, message.manner);
    set(message.round);
  });
  introduce();
  return {
    ask() {},
    // This thread has flushed for the last time.
    wait: () => set(GONE),
    close() {
      set(GONE);
      channel.close();
    },
  };
}

const FLUSH: Readonly<Record<FlushManner, (own: Flushable) => unknown>> = {
  soon: (own) => (own.forceFlush ?? own.flushSync).call(own),
  now: (own) => own.flushSync(THREADS_MS),
  'at last': (own) => (own.finalFlush ?? own.flushSync).call(own, THREADS_MS),
};

/** Never rejects: the thread is about to be stopped. */
async function flush(own: Flushable, manner: FlushManner): Promise<void> {
  try {
    await FLUSH[manner](own);
  } catch {
    // Logged and counted where it happened.
  }
}

function asMain(): OtherThreads & { close(): void } {
  /** By thread id. */
  const answers = new Map<number, Int32Array>();
  let channel: BroadcastChannel | undefined;
  let round = 0;
  const take = (message: Message): void => {
    if (message.kind === 'here') answers.set(message.threadId, new Int32Array(message.answer));
  };
  const open = (): void => {
    channel = new (threads().BroadcastChannel)(CHANNEL).unref();
    listen(channel, take);
    // A worker may have started before this listener.
    send(channel, { kind: 'who is here' });
  };
  const made = (event: unknown): void => {
    const { worker } = event as { readonly worker: Worker };
    const { threadId } = worker;
    if (channel === undefined) open();
    worker.once('exit', () => answers.delete(threadId));
  };
  subscribe(WORKER_MADE, made);
  return {
    ask(manner) {
      if (channel === undefined) return;
      // Workers whose first message is still queued because this thread is busy.
      for (let next = received(channel); next !== undefined; next = received(channel)) take(next);
      round += 1;
      send(channel, { kind: 'flush', round, manner });
    },
    wait(deadlineMs) {
      // The first use of `performance` loads modules, which would delay the exit of every program.
      if (answers.size === 0) return;
      const endMs = performance.now() + deadlineMs;
      for (const answer of answers.values()) {
        for (let seen = Atomics.load(answer, 0); seen < round; seen = Atomics.load(answer, 0)) {
          const leftMs = endMs - performance.now();
          if (leftMs <= 0) return;
          Atomics.wait(answer, 0, seen, leftMs);
        }
      }
    },
    close() {
      unsubscribe(WORKER_MADE, made);
      channel?.close();
      channel = undefined;
    },
  };
}

/** Loaded only in programs with workers: loading takes 2 ms. */
function threads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

/** Detects a worker without loading a module: there `chdir` throws before it validates its argument. */
export function isWorker(): boolean {
  try {
    process.chdir(undefined as unknown as string);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_UNSUPPORTED_OPERATION';
  }
}

function send(channel: BroadcastChannel, message: Message): void {
  channel.postMessage(message);
}

function listen(channel: BroadcastChannel, take: (message: Message) => void): void {
  channel.onmessage = (event) => take((event as unknown as { readonly data: Message }).data);
}

function received(channel: BroadcastChannel): Message | undefined {
  // Accepts either kind; the types declare only one.
  const port = channel as unknown as MessagePort;
  return threads().receiveMessageOnPort(port)?.message as Message | undefined;
}
