import { join } from 'node:path';
import { context, type Exception, type Span, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { withExports } from '../../loading/replace-exports.ts';
import { recordedErrors, recordOnce, recordRequestError } from '../../spans/request-errors.ts';
import { attempt } from '../../wrap/guard.ts';
import { type AnyFunction, like } from '../../wrap/same-shape.ts';
import { wrapMethods } from '../../wrap/wrap-class.ts';
import { failedAction } from './actions.ts';
import { type Patch, patchFiles } from './files.ts';

const NAME = 'next';
const REPORT = 'instrumentationOnRequestError';
const ANSWER = 'renderErrorToResponse';

/** Pages and route handlers report their errors here; the first arguments are two folders. */
const GLOBALS = join('next/dist/server/lib/router-utils', 'instrumentation-globals.external.js');

/** The server reports here what it catches itself. */
const SERVER = join('next', 'dist', 'server', 'base-server.js');

/** Message that React gives to an error of a component in production. */
const OMITTED = /^Error: An error occurred in the Server Components render\./;

/** What Next.js tells about an error. */
interface ErrorContext {
  readonly routePath?: unknown;
}

/** Where an error page is rendered. */
interface RenderContext {
  readonly res?: { readonly statusCode?: number };
}

interface ServerExports {
  readonly default?: { readonly prototype?: Partial<Record<string, AnyFunction>> };
}

/**
 * Records on a request the errors that Next.js passes to `onRequestError` of `instrumentation.ts`: it
 * catches them where no span sees them, as in server actions and API routes of `pages`.
 *
 * @see https://nextjs.org/docs/app/api-reference/file-conventions/instrumentation#onrequesterror-optional
 */
export function recordReportedErrors(): { unhook(): void } {
  return patchFiles(PATCHES);
}

const PATCHES: Readonly<Record<string, Patch>> = {
  [GLOBALS]: (exports) => withReport(exports as Record<string, unknown>),
  [SERVER]: (exports) => {
    const { prototype } = (exports as ServerExports).default ?? {};
    if (prototype !== undefined) patchServer(prototype);
    return exports;
  },
};

function withReport(exports: Record<string, unknown>): Record<string, unknown> {
  const report = exports[REPORT];
  if (typeof report !== 'function') return exports;
  const value = before(report as AnyFunction, ([, , error, , about]) => onReport(error, about));
  return withExports(exports, { [REPORT]: value });
}

function patchServer(prototype: Partial<Record<string, AnyFunction>>): void {
  wrapMethods(prototype, {
    [REPORT]: (report) => before(report, ([error, , about]) => onReport(error, about)),
    [ANSWER]: (answer) =>
      before(answer, ([rendered, error]) => {
        const { res } = Object(rendered) as RenderContext;
        const isFault = res?.statusCode === undefined || res.statusCode >= 500;
        if (error && isFault) record(error, true);
      }),
  });
}

type Observe = (args: readonly unknown[]) => void;

function before(method: AnyFunction, observe: Observe): AnyFunction {
  return like(method, function (this: unknown, ...args): unknown {
    attempt(NAME, () => observe(args));
    return method.apply(this, args);
  });
}

/** Records an error that Next.js passes to `onRequestError`. */
export function onReport(error: unknown, about: unknown): void {
  const { routePath } = Object(about) as ErrorContext;
  record(error, isErrorPage(routePath));
}

/**
 * Records an error on the request.
 *
 * @param isLater whether it may be a result of an earlier error, which is then the only one
 */
function record(error: unknown, isLater: boolean): void {
  const request = getRPCMetadata(context.active())?.span;
  if (request === undefined || (isLater && recordedErrors(request).length > 0)) return;
  const known = recordedAs(request, error);
  const active = trace.getActiveSpan();
  const isStep = active !== undefined && steps.has(active) && active.isRecording();
  const step = isStep ? active : failedAction(request);
  if (step === undefined) recordRequestError(NAME, known);
  else recordOnce(step, known);
}

/** Returns whether a route is a page for errors, which answers a request for another page. */
export function isErrorPage(route: unknown): boolean {
  return /^\/(?:_|404$|500$)/.test(String(route));
}

/**
 * Returns the error that the request has recorded already, if this is the same one. React renders an error
 * of a component to HTML as another one, with the same digest and without the message; an error in
 * metadata has another digest as well.
 */
function recordedAs(span: Span, error: unknown): unknown {
  const known = recordedErrors(span);
  if (OMITTED.test(String(error))) return known.at(-1) ?? error;
  const digest = digestOf(error);
  if (digest === undefined) return error;
  return known.find((other) => digestOf(other) === digest) ?? error;
}

function digestOf(error: unknown): unknown {
  return (Object(error) as { readonly digest?: unknown }).digest;
}

/** Subsegments of requests. */
const steps = new WeakSet<Span>();

/**
 * Makes a span the place of the errors of a step. Records each error with a digest once in a request.
 * Next.js 15 reports an error of a streamed component when the span has ended, for which the SDK would
 * log a warning.
 */
export function stepSpan(span: Span): Span {
  const { recordException, setAttribute, setStatus } = span;
  span.recordException = function (this: Span, error, time): void {
    const known = attempt(NAME, () => recordedAs(this, error)) ?? error;
    recordException.call(this, known as Exception, time);
  };
  span.setAttribute = function (this: Span, key, value): Span {
    // That of a page that an API route renders anew.
    const isRoute = key === 'http.route';
    return this.isRecording() && !isRoute ? setAttribute.call(this, key, value) : this;
  };
  span.setStatus = function (this: Span, status): Span {
    return this.isRecording() ? setStatus.call(this, status) : this;
  };
  steps.add(span);
  return span;
}
