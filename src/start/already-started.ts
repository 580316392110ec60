/**
 * Detects an earlier start: of this package, loaded twice, or of another OpenTelemetry distribution.
 *
 * @see docs/spec/packaging.md section 5
 */

/** A property of the global object, so that two copies of this package find each other. */
export const STARTED: symbol = Symbol.for('otel-xray.started');
/** The symbol under which every copy of `@opentelemetry/api` 1.x stores its registrations. */
const API = Symbol.for('opentelemetry.js.api.1');

type Globals = Record<symbol, unknown>;

/** Returns the handle of an earlier start in this thread. */
export function existingHandle<T>(globals: object = globalThis): T | undefined {
  return (globals as Globals)[STARTED] as T | undefined;
}

export function storeHandle(handle: unknown, globals: object = globalThis): void {
  Object.defineProperty(globals, STARTED, { value: handle, configurable: true });
}

/**
 * Returns what another distribution has registered with the API: the class name of its provider, or
 * the name of the part; `undefined` if nothing is registered.
 */
export function registeredDistribution(globals: object = globalThis): string | undefined {
  const api = (globals as Globals)[API] as Record<string, unknown> | undefined;
  if (api === undefined) return undefined;
  const provider = api['trace'] as { getDelegate?(): object } | undefined;
  if (provider !== undefined) return (provider.getDelegate?.() ?? provider).constructor.name;
  return ['context', 'propagation'].find((part) => api[part] !== undefined);
}
