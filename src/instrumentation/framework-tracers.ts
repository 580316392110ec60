import type { Tracer } from '@opentelemetry/api';
import type { LateRequestContext } from './late-requests.ts';

/** What becomes of the spans that a framework creates itself. */
export interface FrameworkOptions {
  /** Whether they may be subsegments at all. */
  readonly spans: boolean;
  /** Whether internal steps of the framework are subsegments as well. */
  readonly allSpans: boolean;
  /** Whether another instrumentation records each `fetch`. */
  readonly tracesFetch: boolean;
  /** Present if another instrumentation records each request. */
  readonly lateRequest?: LateRequestContext | undefined;
}

/** Shapes the spans of a framework that traces itself. */
export interface FrameworkSpans {
  /** Returns the tracer that the framework gets in place of `tracer`, which has the name `scope`. */
  tracer(tracer: Tracer, scope: string): Tracer;
}

/** Name of the tracer that a framework requests → name of the instrumentation that shapes its spans. */
const SCOPES: ReadonlyMap<string, string> = new Map([
  ['next.js', 'next'],
  ['@vercel/otel/fetch', 'next'],
  ['sveltekit', 'sveltekit'],
]);

/** Returns whether a framework that traces itself has files that need a hook as well. */
export function isFramework(packageName: string): boolean {
  return packageName === 'next';
}

/**
 * Returns a function that replaces the tracer of a framework that traces itself; other tracers stay as
 * they are.
 *
 * @param start loads the instrumentation of this name; called once, when its tracer is first requested
 */
export function frameworkTracers(
  start: (name: string) => FrameworkSpans | undefined,
): (scope: string, tracer: Tracer) => Tracer {
  const started = new Map<string, FrameworkSpans | undefined>();
  const tracers = new WeakMap<Tracer, Tracer>();
  return (scope, tracer) => {
    const name = SCOPES.get(scope);
    if (name === undefined) return tracer;
    if (!started.has(name)) started.set(name, start(name));
    const known = tracers.get(tracer) ?? started.get(name)?.tracer(tracer, scope) ?? tracer;
    tracers.set(tracer, known);
    return known;
  };
}
