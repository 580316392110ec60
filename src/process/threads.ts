import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BroadcastChannel, MessagePort, Worker } from 'node:worker_threads';
import { type Flushable, type FlushManner, type OtherThreads, THREADS_MS } from './exit.ts';

/** Threads of one process speak here; the app does not see it. */
const CHANNEL = 'otel-xray.threads';
/** Node publishes here when a worker has been made; the message is `{ worker }`. */
const WORKER_MADE = 'worker_threads';
/** In `answer`: the thread has ended. */
const GONE = 2 ** 31 - 1;

type Message =
  /** A worker has started; `answer` holds the number of the last question it has answered. */
  | { readonly kind: 'here'; readonly threadId: number; readonly answer: SharedArrayBuffer }
  | { readonly kind: 'who is here' }
  | { readonly kind: 'flush'; readonly round: number; readonly manner: FlushManner };

/**
 * Makes the worker threads of a process send what they have when the main thread ends it: they are
 * stopped without a word then, whatever waits in them.
 *
 * Each worker listens on a channel, which wakes it though the main thread is blocked, and answers
 * in memory that both share. Nothing is loaded and nobody listens before the first worker is made,
 * of which Node tells on a diagnostics channel; nothing keeps a thread alive.
 *
 * @param own what this thread sends when it is asked, as a worker
 * @returns `close` takes everything back
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
    // This thread has sent its last.
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

/** Never fails: nobody listens to a thread that is about to be stopped. */
async function flush(own: Flushable, manner: FlushManner): Promise<void> {
  try {
    await FLUSH[manner](own);
  } catch {
    // It is said and counted where it happened.
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
    // One that was quicker than us.
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
      // Those whose first message waits while this thread is busy.
      for (let next = received(channel); next !== undefined; next = received(channel)) take(next);
      round += 1;
      send(channel, { kind: 'flush', round, manner });
    },
    wait(deadlineMs) {
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

/** Loaded only where there is a worker: it takes 2 ms in a program that has none. */
function threads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

/** Known without loading anything: `chdir` says that a worker has none before it looks at what it got. */
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
  // It takes either; the types do not say so of the channel that they have for it.
  const port = channel as unknown as MessagePort;
  return threads().receiveMessageOnPort(port)?.message as Message | undefined;
}
