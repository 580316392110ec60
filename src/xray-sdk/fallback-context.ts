import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Tracks the context if no tracer is registered, as in the unit tests of an app, where the X-Ray SDK
 * also works.
 */
export function fallbackContextManager(): ContextManager & {
  readonly _asyncLocalStorage: AsyncLocalStorage<Context>;
} {
  const storage = new AsyncLocalStorage<Context>();
  const manager = {
    _asyncLocalStorage: storage,
    active: (): Context => storage.getStore() ?? ROOT_CONTEXT,
    with: (context: Context, fn: AnyFunction, thisArg: unknown, ...args: unknown[]): unknown =>
      storage.run(context, () => fn.apply(thisArg, args)),
    bind: (context: Context, target: unknown): unknown =>
      typeof target === 'function'
        ? function (this: unknown, ...args: unknown[]): unknown {
            return storage.run(context, () => (target as AnyFunction).apply(this, args));
          }
        : target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager as ContextManager & typeof manager;
}
