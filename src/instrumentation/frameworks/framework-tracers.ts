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
  ['apollo/gateway-js', 'apollo-gateway'],
]);

/** Package → name of the instrumentation that hooks its files, in addition to its spans. */
const PACKAGES: ReadonlyMap<string, string> = new Map([['next', 'next']]);

/** Returns whether an instrumentation of a framework that traces itself hooks files of a package. */
export function isFramework(packageName: string): boolean {
  return PACKAGES.has(packageName);
}

export interface FrameworkTracers {
  /**
   * Returns the tracer that stands in for one of a framework that traces itself; other tracers stay as
   * they are.
   */
  refine(scope: string, tracer: Tracer): Tracer;
  /** Starts the instrumentation of a package before its files load. */
  onPackage(packageName: string): void;
}

/**
 * Replaces the tracers of frameworks that trace themselves.
 *
 * @param start loads the instrumentation of this name; called once, when its package loads or its tracer
 *   is first requested
 */
export function frameworkTracers(
  start: (name: string) => FrameworkSpans | undefined,
): FrameworkTracers {
  const started = new Map<string, FrameworkSpans | undefined>();
  const tracers = new WeakMap<Tracer, Tracer>();
  const startOnce = (name: string): FrameworkSpans | undefined => {
    if (!started.has(name)) started.set(name, start(name));
    return started.get(name);
  };
  return {
    refine(scope, tracer) {
      const name = SCOPES.get(scope);
      if (name === undefined) return tracer;
      const known = tracers.get(tracer) ?? startOnce(name)?.tracer(tracer, scope) ?? tracer;
      tracers.set(tracer, known);
      return known;
    },
    onPackage(packageName) {
      const name = PACKAGES.get(packageName);
      if (name !== undefined) startOnce(name);
    },
  };
}
