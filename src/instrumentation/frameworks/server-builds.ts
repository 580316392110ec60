import { context, createContextKey, type Exception, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { follow } from '../../api/follow.ts';
import { SERVER_BUILD } from '../loading/esm.ts';
import type { Load } from '../loading/resolve-hook.ts';
import { hasFailedHandler } from '../spans/handler-spans.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { isPageRoute, setPageRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import { type PageRouteCalls, pageRouteCalls } from './page-routes.ts';
import { hasStack } from './recorded-stacks.ts';
import { EDITS, VITE } from './server-build-edits.ts';
import { type TanStackCalls, tanStackCalls } from './tanstack-start.ts';

/**
 * Traces servers that a framework builds. Their router is a part of the build, so that there is no
 * package to instrument; the source of the build gets calls to {@link ServerBuildCalls} as it loads.
 */

/** Property of the global object that an edited build calls. */
const CALLS: unique symbol = Symbol.for('otel-xray.server-build');

/** Key of contexts in which a handler runs. */
const HANDLER: symbol = createContextKey('otel-xray.nitro-handler');

/** An event of h3 1. */
interface H3Event {
  readonly method?: string;
  readonly node?: { readonly req?: object };
}

type Handler = (this: unknown, event: H3Event) => unknown;

/** A route of h3 1 that a request matched; created for each request. */
interface H3Match {
  readonly matched: { readonly path?: string };
  handler: Handler;
}

/** A part of a page that the router of Solid matched. */
interface SolidMatch {
  readonly route: { readonly pattern?: string };
}

/** What an edited build calls. Each function returns what the edited expression was. */
interface ServerBuildCalls extends TanStackCalls, PageRouteCalls {
  route<T>(route: T): T;
  withRoute<T extends { readonly route?: unknown }>(data: T): T;
  pageMatches<T extends readonly SolidMatch[]>(matches: T): T;
  matched(event: H3Event, match: H3Match): H3Match['matched'];
  error<T>(error: T): T;
  handlerError(error: H3Error): void;
  source(source: string): string;
}

/** An error of h3, which wraps other errors. */
interface H3Error {
  readonly stack?: string;
  readonly unhandled?: boolean;
  readonly cause?: unknown;
  /** In h3 1. */
  readonly statusCode?: number;
}

/**
 * Returns a `load` hook that edits the builds of frameworks.
 *
 * @param isEnabled whether the instrumentation of this name may be used
 */
export function loadServerBuilds(isEnabled: (name: string) => boolean): Load {
  const names = Object.keys(EDITS).filter(isEnabled);
  const own: ServerBuildCalls = {
    ...calls,
    source: (source) => attempt('server-builds', () => editedSource(source, names)) ?? source,
  };
  Object.defineProperty(globalThis, CALLS, { value: own, configurable: true });
  return (url, loadContext, next) => {
    const loaded = next(url, loadContext) as { readonly source?: unknown };
    if (!SERVER_BUILD.test(url)) return loaded;
    const edited = attempt('server-builds', () => editedSource(textOf(loaded.source), names));
    return edited === undefined ? loaded : { ...loaded, source: edited };
  };
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array ? Buffer.from(source).toString() : '';
}

/** Returns the source with calls added; `undefined` if there is nothing to edit. */
export function editedSource(
  source: string,
  names: readonly string[] = Object.keys(EDITS),
): string | undefined {
  const edits = [...names.flatMap((name) => EDITS[name] ?? []), VITE];
  const edited = edits.reduce((text, [find, replace]) => text.replace(find, replace), source);
  return edited === source ? undefined : edited;
}

const calls: Omit<ServerBuildCalls, 'source'> = {
  ...tanStackCalls,
  ...pageRouteCalls,
  route(route) {
    attempt('server-builds', () => setPageRoute(context.active(), route));
    return route;
  },
  withRoute(data) {
    attempt('server-builds', () => setPageRoute(context.active(), data.route));
    return data;
  },
  pageMatches(matches) {
    attempt('solid-start', () => {
      const last = matches.at(-1);
      // The pattern of the first page is empty.
      if (last !== undefined) setPageRoute(context.active(), last.route.pattern || '/');
    });
    return matches;
  },
  matched(event, match) {
    attempt('nitro', () => {
      match.handler = traced(event, match);
    });
    return match.matched;
  },
  error(error) {
    attempt('server-builds', () => recordOnSegment(error));
    return error;
  },
  handlerError(error) {
    attempt('nitro', () => {
      // With h3 1, the subsegment of a handler has its error; middleware has none.
      const request = getRPCMetadata(context.active())?.span;
      if (request === undefined || hasFailedHandler(request)) return;
      if (error.statusCode === undefined || error.statusCode >= 500) recordOnSegment(thrown(error));
    });
  },
};

/** Returns what an app threw. The cause of an error of h3 1 may be that of the error that it wraps. */
function thrown(error: H3Error): unknown {
  const { unhandled, cause, statusCode, stack } = error;
  if (unhandled !== true) return error;
  return statusCode === undefined || Object(cause).stack === stack ? cause : error;
}

interface Thrown {
  readonly status?: unknown;
  readonly stack?: unknown;
  readonly digest?: unknown;
  /** Of what `redirect()` and `render()` of Vike return. */
  readonly _isAbortError?: boolean;
}

/** Records an error on the segment, unless it is an answer such as `404 Not Found`. */
function recordOnSegment(error: unknown): void {
  const thrown = Object(error) as Thrown;
  const { stack } = thrown;
  const request = getRPCMetadata(context.active())?.span;
  if (request === undefined || stack === undefined || hasStack(request, stack)) return;
  if (isAnswer(thrown)) return;
  recordOnce(request, error, (span) => span.recordException(error as Exception));
}

/** Returns whether an error is a redirect, or what is not found or refused. */
function isAnswer({ status, digest, _isAbortError: isAbort }: Thrown): boolean {
  if (typeof status === 'number' && status < 500) return true;
  return isAbort === true || String(digest).startsWith('__WAKU_CUSTOM_ERROR__');
}

/**
 * Runs the handler of a route as a subsegment. A handler that another one calls in this process, as
 * Nuxt does for its pages, has its route as name.
 */
function traced({ method = 'GET' }: H3Event, { matched, handler }: H3Match): Handler {
  const active = context.active();
  if (trace.getSpan(active) === undefined) return handler;
  const { path } = matched;
  const isNested = active.getValue(HANDLER) === true;
  if (!isNested) setPageRoute(active, path);
  const span = trace
    .getTracer('otel-xray/nitro')
    .startSpan(isNested ? `${method} ${path}` : 'request handler', {
      attributes: {
        'nitro.type': 'request_handler',
        ...(isPageRoute(path) && { 'http.route': path }),
      },
    });
  const within = trace.setSpan(active, span).setValue(HANDLER, true);
  return function (this: unknown, event: H3Event): unknown {
    return follow(span, within, () => handler.call(this, event));
  };
}
