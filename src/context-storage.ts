import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context } from '@opentelemetry/api';

/**
 * The storage in which the context manager of OpenTelemetry keeps the active context. It is private there.
 * Three things are not possible without it:
 * - `run` adds one frame of Node.js to the stacks of the function that it calls; `context.with` also adds two of ours.
 * - `enterWith` sets the context for the rest of a function that is already running.
 * - `channel.bindStore` lets Node.js set the context for what runs inside a channel.
 */
export type ContextStorage = AsyncLocalStorage<Context>;

/**
 * `Reflect.apply`, for `storage.run(context, apply, fn, self, args)`: passes `this`, and adds no frame to
 * the stack of an error, which a function that calls `fn` would do.
 */
export const apply: (
  fn: (...args: never[]) => unknown,
  self: unknown,
  args: readonly unknown[],
) => unknown = Reflect.apply;

/** Returns the storage of a context manager, if it has one. */
export function storageOf(manager: object): ContextStorage | undefined {
  return (manager as { readonly _asyncLocalStorage?: ContextStorage })._asyncLocalStorage;
}

/** Returns the storage of the registered context manager, if it has one. */
export function contextStorage(): ContextStorage | undefined {
  const api = context as unknown as { _getContextManager?(): object };
  const manager = api._getContextManager?.();
  return manager === undefined ? undefined : storageOf(manager);
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
