import { writeSync } from './real-files.ts';

/** Writing where the reader may be gone, or slow: nothing here throws, blocks for long, or ends the app. */

const STDERR_QUEUE_BYTES = 64 * 1024;
/** How long the end of the process waits for a slow reader of standard error. */
const STDERR_FLUSH_MS = 100;

let stderr: LineWriter | undefined;

/**
 * Writes lines to standard error. Where the reader of a pipe is gone, they are lost.
 *
 * Not through `process.stderr`, which emits an `'error'` that ends the app, nor through the console,
 * which ignores only the first such error. A `write` that the app has put in its place is used.
 *
 * @param text whole lines, each with its line break
 */
export function writeToStderr(text: string): void {
  try {
    if (Object.hasOwn(process.stderr, 'write')) process.stderr.write(text);
    else stderrWriter().write(text);
  } catch {
    // There is no other place to report it.
  }
}

function stderrWriter(): LineWriter {
  if (stderr !== undefined) return stderr;
  const writer = lineWriter((bytes) => writeSync(2, bytes), {
    onError() {},
    onLost() {},
    // An app may count its listeners: none of ours as long as the reader is fast.
    onSlow: () => process.on('exit', () => writer.flush(STDERR_FLUSH_MS)),
    maxBytes: STDERR_QUEUE_BYTES,
  });
  stderr = writer;
  return writer;
}

/** Writes bytes and returns how many it took, or throws. Like `fs.writeSync`. */
export type WriteBytes = (bytes: Uint8Array) => number;

export interface LineWriter {
  /** Writes lines, each with its line break, or queues them while the reader is slow. */
  write(text: string): void;
  /** Writes what is queued; waits for a slow reader at most so long. */
  flush(deadlineMs: number): void;
}

export interface LineWriterOptions {
  /** Called once, with the first error other than that the reader is slow. */
  readonly onError: (error: Error) => void;
  /** Called by `flush` when further lines were lost, with their number so far. */
  readonly onLost: (lines: number) => void;
  /** Called once, when a line waits for the first time. */
  readonly onSlow?: () => void;
  /** Longest queue, in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Waits, in the flush at the end of the process. */
  readonly sleep?: (ms: number) => void;
}

const RETRY_MS = 10;

/**
 * Writes lines to a file descriptor that the app may have set to non-blocking, such as a pipe to a
 * slow reader: what the pipe does not take is queued within a bound and written later. A line is
 * written as a whole or not at all, unless the reader goes away in the middle of it.
 */
export function lineWriter(writeBytes: WriteBytes, options: LineWriterOptions): LineWriter {
  const { onError, onLost, maxBytes = 1024 * 1024, sleep = sleepSync } = options;
  let { onSlow } = options;
  let queue: Buffer[] = [];
  let queuedBytes = 0;
  let lost = 0;
  let reported = 0;
  let hasFailed = false;
  let timer: NodeJS.Timeout | undefined;

  /** Returns whether the queue is empty. */
  const drain = (): boolean => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        const count = writeBytes(next);
        queuedBytes -= count;
        if (count === next.length) queue.shift();
        else queue[0] = next.subarray(count);
      } catch (error) {
        if (isBusy(error)) return false;
        lost += queue.length;
        queue = [];
        queuedBytes = 0;
        if (!hasFailed) onError(error as Error);
        hasFailed = true;
      }
    }
    return true;
  };
  const retry = (): void => {
    timer = undefined;
    if (drain()) return;
    timer = setTimeout(retry, RETRY_MS).unref();
    onSlow?.();
    onSlow = undefined;
  };
  return {
    write(text) {
      const bytes = Buffer.from(text);
      if (queuedBytes + bytes.length > maxBytes) {
        lost += 1;
        return;
      }
      queue.push(bytes);
      queuedBytes += bytes.length;
      if (timer === undefined) retry();
    },
    flush(deadlineMs) {
      const end = performance.now() + deadlineMs;
      while (!drain() && performance.now() < end) sleep(1);
      if (lost + queue.length > reported) {
        reported = lost + queue.length;
        onLost(reported);
      }
    },
  };
}

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
