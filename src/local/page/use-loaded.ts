import { useEffect, useState } from 'preact/hooks';

export interface Loaded<Value> {
  /** Result of the last successful load for the same key. */
  readonly value: Value | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
}

/**
 * Loads something, and again whenever `key` or `version` change.
 *
 * The old value stays while a new version loads, and is dropped when the key changes.
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  key: string,
  version: unknown,
): Loaded<Value> {
  const [state, setState] = useState<Loaded<Value> & { readonly key: string }>({
    key,
    value: undefined,
    error: undefined,
    loading: true,
  });
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (value) => setState({ key, value, error: undefined, loading: false }),
      (error: Error) => {
        if (error.name === 'AbortError') return;
        setState((old) => ({
          key,
          value: old.key === key ? old.value : undefined,
          error,
          loading: false,
        }));
      },
    );
    return () => controller.abort();
  }, [key, version]);
  return state.key === key ? state : { value: undefined, error: undefined, loading: true };
}
