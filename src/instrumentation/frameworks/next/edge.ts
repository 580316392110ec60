import { join } from 'node:path';
import { types } from 'node:util';
import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { observePromise } from '../../../api/follow.ts';
import { withExports } from '../../loading/replace-exports.ts';
import { noteRecorded } from '../../spans/request-errors.ts';
import { runInSpan } from '../../spans/run-in-span.ts';
import { attempt } from '../../wrap/guard.ts';
import { type AnyFunction, like } from '../../wrap/same-shape.ts';
import { onReport } from './errors.ts';
import { patchFiles } from './files.ts';

const NAME = 'next';

/** Runs functions of the Edge runtime in a sandbox, in the process of the server. */
const SANDBOX = join('next', 'dist', 'server', 'web', 'sandbox', 'sandbox.js');

/** Creates the sandbox of a function. */
const SANDBOX_CONTEXT = join('next', 'dist', 'server', 'web', 'sandbox', 'context.js');

/** A sandbox into which files of the app are loaded. */
interface Sandbox {
  readonly runtime: { readonly context: { readonly _ENTRIES?: Entries } };
  evaluateInContext(file: string): void;
}

/** What the files of a sandbox define. */
interface Entries {
  /** The module `instrumentation.ts` of the app, or a promise of it; Next.js awaits it. */
  middleware_instrumentation?: unknown;
}

interface InstrumentationModule {
  readonly onRequestError?: AnyFunction;
}

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
 * the Node.js runtime, with the route and the errors that Next.js passes to `onRequestError`.
 *
 * @param tracer the tracer that shapes the spans of Next.js
 */
export function traceEdgeFunctions(tracer: () => Tracer): { unhook(): void } {
  return patchFiles({
    [SANDBOX]: withFunction('run', (run) => tracedRun(run, tracer)),
    [SANDBOX_CONTEXT]: withFunction('getModuleContext', watchedSandboxes),
  });
}

/** Returns a patch that replaces an exported function. */
function withFunction(
  name: string,
  replacement: (original: AnyFunction) => AnyFunction,
): (loaded: unknown) => unknown {
  return (loaded) => {
    const exports = loaded as Record<string, unknown>;
    const original = exports[name];
    if (typeof original !== 'function') return exports;
    return withExports(exports, {
      [name]: like(original as AnyFunction, replacement(original as AnyFunction)),
    });
  };
}

function tracedRun(run: AnyFunction, tracer: () => Tracer): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    return runInSpan(
      NAME,
      () => startSpan(tracer(), args[0] as EdgeFunction),
      (span) => noted(span, run.apply(this, args)),
    );
  };
}

/**
 * Lets the files of a sandbox report their errors: what renders a page in the Edge runtime catches them
 * and passes them to `onRequestError` of the module `instrumentation.ts` in the sandbox.
 */
function watchedSandboxes(getSandbox: AnyFunction): AnyFunction {
  return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const sandbox = (await getSandbox.apply(this, args)) as Sandbox;
    return {
      ...sandbox,
      evaluateInContext(file: string): void {
        sandbox.evaluateInContext(file);
        attempt(NAME, () => watchReports(sandbox.runtime.context._ENTRIES));
      },
    };
  };
}

const watched = new WeakSet<object>();

function watchReports(entries: Entries | undefined): void {
  if (entries === undefined) return;
  const { middleware_instrumentation: own } = entries;
  if (typeof own === 'object' && own !== null && watched.has(own)) return;
  // The module of the app may be a promise, which must not reject before Next.js awaits it.
  const replacement: PromiseLike<object> = {
    // biome-ignore lint/suspicious/noThenProperty: Next.js awaits it.
    then: (resolve, reject) =>
      Promise.resolve(own as InstrumentationModule | undefined)
        .then(reporting)
        .then(resolve, reject),
  };
  watched.add(replacement);
  entries.middleware_instrumentation = replacement;
}

/** Returns a copy, because the exports of the module cannot be set. */
function reporting(module: InstrumentationModule = {}): object {
  const onRequestError = function (this: unknown, ...args: unknown[]): unknown {
    attempt(NAME, () => onReport(args[0], args[2]));
    return module.onRequestError?.apply(this, args);
  };
  return Object.create(module, { onRequestError: { value: onRequestError } }) as object;
}

/** Notes the error of a function, which the server reports as well. */
function noted(span: Span | undefined, result: unknown): unknown {
  if (span === undefined || !types.isPromise(result)) return result;
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
