import { type Context, type ContextManager, context } from '@opentelemetry/api';

type StorageManager = ContextManager & {
  readonly _asyncLocalStorage?: Storage;
};

interface Storage {
  enterWith?(context: Context): void;
  run<Args extends unknown[], Result>(
    context: Context,
    fn: (...args: Args) => Result,
    ...args: Args
  ): Result;
}

/**
 * Returns the storage of the context manager, if it has one. `storage.run` takes one frame of Node.js in
 * the stacks of the function that it calls; `context.with` takes two of ours as well.
 */
export function contextStorage(): Storage | undefined {
  const manager = Reflect.get(context, '_getContextManager').call(context) as StorageManager;
  return manager._asyncLocalStorage;
}

/**
 * Makes a context the current one of the running function, also for what follows its next `await`.
 *
 * @returns whether the context manager can do so
 */
export function enterContext(next: Context): boolean {
  const storage = contextStorage();
  if (typeof storage?.enterWith !== 'function') return false;
  storage.enterWith(next);
  return true;
}
