import { type Context, type ContextManager, context } from '@opentelemetry/api';

type StorageManager = ContextManager & {
  readonly _asyncLocalStorage?: { enterWith?(context: Context): void };
};

/**
 * Makes a context the current one of the running function, also for what follows its next `await`.
 *
 * @returns whether the context manager can do so
 */
export function enterContext(next: Context): boolean {
  const manager = Reflect.get(context, '_getContextManager').call(context) as StorageManager;
  const storage = manager._asyncLocalStorage;
  if (typeof storage?.enterWith !== 'function') return false;
  storage.enterWith(next);
  return true;
}
