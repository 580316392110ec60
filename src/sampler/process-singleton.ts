/**
 * One poller per process and address.
 *
 * The package can be loaded twice in one process, as ESM and as CommonJS, or by `--import` and by
 * hand; two pollers would be two clients to X-Ray, each with half of the counts. The holder hangs
 * on the global object, which each worker thread has its own of.
 */
const KEY = Symbol.for('otel-xray.samplers.v1');

interface Shared {
  readonly value: unknown;
  readonly close: () => void | Promise<void>;
  users: number;
}

export interface Lease<T> {
  readonly value: T;
  /** Gives it back; the last one to do so closes it. Repeatable. */
  release(): Promise<void>;
}

/** Takes part in the process-wide value of this name, which the first user makes. */
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
