/**
 * One poller per process and address.
 *
 * The package can be loaded twice in one process, as ESM and as CommonJS, or by `--import` and by
 * code; two pollers would be two clients for X-Ray, each with half of the counts. The registry is a
 * property of the global object, of which each worker thread has its own.
 */
const KEY = Symbol.for('otel-xray.samplers.v1');

interface Shared {
  readonly value: unknown;
  readonly close: () => void | Promise<void>;
  users: number;
}

export interface Lease<T> {
  readonly value: T;
  /** Releases the value; the last release closes it. Repeatable. */
  release(): Promise<void>;
}

/** Returns the process-wide value of this name, created by its first user. */
export function shareInProcess<T>(
  name: string,
  make: () => { readonly value: T; readonly close: () => void | Promise<void> },
): Lease<T> {
  const holder = globalThis as { [KEY]?: Map<string, Shared> };
  holder[KEY] ??= new Map();
  const all = holder[KEY];
  const shared = all.get(name) ?? { ...make(), users: 0 };
  all.set(name, shared);
  shared.users += 1;
  let isReleased = false;
  return {
    value: shared.value as T,
    async release() {
      if (isReleased) return;
      isReleased = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      if (all.get(name) === shared) all.delete(name);
      await shared.close();
    },
  };
}
