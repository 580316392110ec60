/**
 * Who is there already: ourselves, loaded twice, or another OpenTelemetry distribution.
 *
 * @see docs/spec/packaging.md section 5
 */

/** On the global object, so that two copies of this package on disk see each other. */
export const STARTED: symbol = Symbol.for('otel-xray.started');
/** Where every copy of `@opentelemetry/api` 1.x keeps what is registered. */
const API = Symbol.for('opentelemetry.js.api.1');

type Globals = Record<symbol, unknown>;

/** What an earlier start left, if there was one in this thread. */
export function existingHandle<T>(globals: object = globalThis): T | undefined {
  return (globals as Globals)[STARTED] as T | undefined;
}

export function storeHandle(handle: unknown, globals: object = globalThis): void {
  Object.defineProperty(globals, STARTED, { value: handle, configurable: true });
}

/**
 * What another distribution has registered with the API.
 *
 * @returns the name of its provider's class, or of the part it registered; `undefined` when nobody did
 */
export function registeredDistribution(globals: object = globalThis): string | undefined {
  const api = (globals as Globals)[API] as Record<string, unknown> | undefined;
  if (api === undefined) return undefined;
  const provider = api['trace'] as { getDelegate?(): object } | undefined;
  if (provider !== undefined) return (provider.getDelegate?.() ?? provider).constructor.name;
  return ['context', 'propagation'].find((part) => api[part] !== undefined);
}
