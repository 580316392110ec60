import { join } from 'node:path';
import { types } from 'node:util';
import { type Attributes, context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { observePromise } from '../api/follow.ts';
import { attempt } from './guard.ts';
import { Hook } from './hooks.ts';
import { runWithin } from './job-run.ts';
import { withExports } from './replace-exports.ts';
import { noteRecorded } from './request-errors.ts';
import { type AnyFunction, like } from './same-shape.ts';

const NAME = 'next';

/** Runs functions of the Edge runtime in a sandbox, in the process of the server. */
const SANDBOX = join('next', 'dist', 'server', 'web', 'sandbox', 'sandbox.js');

/** What the sandbox runs. */
interface EdgeFunction {
  /** Name of its entry: `middleware`, `app/orders/[id]/page`, `pages/api/hello`. */
  readonly name?: unknown;
  readonly request?: { readonly page?: { readonly name?: unknown } };
}

/** Type and name of the span that Next.js makes for such a function in the Node.js runtime. */
interface Step {
  readonly type: string;
  readonly name: string;
}

/** By the name of the entry. */
const STEPS: readonly (readonly [entry: RegExp, step: Step])[] = [
  [/^app\/(?:.*\/)?route$/, { type: 'AppRouteRouteHandlers.runHandler', name: 'route handler' }],
  [/^pages\/api\//, { type: 'Node.runHandler', name: 'route handler' }],
  [/^(?:app|pages)\//, { type: 'AppRender.getBodyResult', name: 'render route' }],
  [/^(?:src\/)?middleware$/, { type: 'Middleware.execute', name: 'middleware' }],
];

/**
 * Traces functions that Next.js runs in its Edge runtime, which has no OpenTelemetry: a span as for
 * the Node.js runtime, with the route.
 *
 * @param tracer the tracer that shapes the spans of Next.js
 */
export function traceEdgeFunctions(tracer: () => Tracer): Hook {
  return new Hook([SANDBOX], {}, (loaded) => {
    const exports = loaded as Record<string, unknown>;
    const { run } = exports;
    if (typeof run !== 'function') return exports;
    const traced = function (this: unknown, ...args: unknown[]): unknown {
      const call = (): unknown => run.apply(this, args);
      const span = attempt(NAME, () => startSpan(tracer(), args[0] as EdgeFunction));
      if (span === undefined) return call();
      return runWithin(NAME, span, trace.setSpan(context.active(), span), () =>
        noted(span, call()),
      );
    };
    return withExports(exports, { run: like(run as AnyFunction, traced) });
  });
}

/** Notes the error of a function, which the server reports as well. */
function noted(span: Span, result: unknown): unknown {
  if (!types.isPromise(result)) return result;
  const failed = (thrown: unknown): void => noteRecorded(span, thrown);
  return observePromise(result, { done() {}, failed });
}

function startSpan(tracer: Tracer, { name, request }: EdgeFunction): Span | undefined {
  const entry = String(name);
  const step = STEPS.find(([pattern]) => pattern.test(entry))?.[1];
  if (step === undefined) return undefined;
  const page = request?.page?.name;
  const attributes: Attributes = { 'next.span_type': step.type };
  if (typeof page === 'string') attributes['next.route'] = routeOf(page, entry);
  return tracer.startSpan(step.name, { attributes });
}

/** Returns the route of a page. In `app`, groups and slots are not part of it. */
function routeOf(page: string, entry: string): string {
  if (!entry.startsWith('app/')) return page;
  const isShown = (part: string): boolean => !/^(?:@.*|\(.*\))$/.test(part);
  const parts = page.split('/').slice(0, -1).filter(isShown);
  return parts.join('/') || '/';
}
