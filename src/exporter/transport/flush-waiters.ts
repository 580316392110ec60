import { warnOnce } from '../../diagnostics.ts';

/** The pending flushes. */
export interface FlushWaiters {
  readonly isEmpty: boolean;
  /** Resolves when `batches` batches are sent; after `timeoutMs` with a warning. */
  add(batches: number, timeoutMs: number): Promise<void>;
  /** Changes the number of batches that all pending flushes wait for. */
  extend(batches: number): void;
  /** Resolves the flushes that wait for at most `completed` batches. */
  resolve(completed: number): void;
}

interface Waiter {
  batches: number;
  readonly done: () => void;
}

export function createFlushWaiters(): FlushWaiters {
  return new Waiters();
}

/** A class, because V8 looks up each member of a literal with getters by its name. */
class Waiters implements FlushWaiters {
  #waiters: readonly Waiter[] = [];

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  add(batches: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        warnOnce(`flush timed out after ${timeoutMs} ms; spans remain queued`);
        waiter.done();
      }, timeoutMs);
      const waiter: Waiter = {
        batches,
        done: () => {
          clearTimeout(timer);
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve();
        },
      };
      this.#waiters = [...this.#waiters, waiter];
    });
  }

  extend(batches: number): void {
    for (const waiter of this.#waiters) waiter.batches = batches;
  }

  resolve(completed: number): void {
    for (const waiter of this.#waiters) if (completed >= waiter.batches) waiter.done();
  }
}
