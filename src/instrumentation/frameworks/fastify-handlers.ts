import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { types } from 'node:util';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { recordHandledError } from '../../api/errors.ts';
import { recordFolded } from '../spans/folding.ts';
import { endWithResponse } from '../spans/handler-spans.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { setRoute } from '../spans/request-route.ts';
import { attempt, reportFailure } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

const NAME = 'fastify';
/** Where a request keeps the context in which it arrived: a body parser or a hook may lose it. */
const CONTEXT = Symbol('otel-xray.context');

interface Route {
  handler?: unknown;
  readonly url?: string;
  readonly config?: { readonly otel?: unknown };
}

interface FastifyRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly routeOptions: Pick<Route, 'url' | 'config'>;
  [CONTEXT]?: Context | null;
}

/** The handler of a WebSocket gets a request in place of a reply. */
interface Reply {
  readonly sent?: boolean;
  readonly raw: ServerResponse;
}

export interface FastifyServer {
  readonly pluginName: string;
  addHook(name: string, hook: (this: FastifyServer, ...args: never[]) => void): unknown;
  decorateRequest(name: symbol, value: null): unknown;
}

export interface HandlerOptions {
  /** Its spans must not be folded. */
  readonly tracer: Tracer;
  /** Whether the instrumentation still runs; the app may replace it. */
  isEnabled(): boolean;
}

/**
 * Traces the handlers of a server, and the route and the errors of its requests: all that a trace shows of
 * Fastify unless each hook has a span. A hook then costs nothing.
 */
export function traceHandlers(server: FastifyServer, { tracer, isEnabled }: HandlerOptions): void {
  const traced = new WeakSet<AnyFunction>();
  server.decorateRequest(CONTEXT, null);
  server.addHook('onRoute', function (this: FastifyServer, route: Route): void {
    const { handler, url, config } = route;
    // The route that Fastify adds for HEAD has the handler of the one for GET.
    if (typeof handler !== 'function' || config?.otel === false) return;
    if (traced.has(handler as AnyFunction)) return;
    const attributes = {
      'hook.name': `${this.pluginName} - route-handler`,
      'fastify.type': 'request-handler',
      'http.route': url,
      'hook.callback.name': handler.name || 'anonymous',
    };
    const replacement = tracedHandler(handler as AnyFunction, { attributes }, tracer);
    traced.add(replacement);
    route.handler = replacement;
  });
  server.addHook('onRequest', (request: FastifyRequest, reply: Reply, done: () => void): void => {
    if (isEnabled()) attempt(NAME, () => begin(request, reply, tracer));
    const outer = request[CONTEXT];
    // Most often it is active already.
    if (outer == null || outer === context.active()) done();
    else context.with(outer, done);
  });
  server.addHook(
    'onError',
    (request: FastifyRequest, _reply: Reply, error: unknown, done: () => void): void => {
      attempt(NAME, () => {
        const around = trace.getSpan(request[CONTEXT] ?? ROOT_CONTEXT);
        if (around !== undefined) recordFolded(around, error);
      });
      done();
    },
  );
}

/** Notes the context of a request and gives its segment the route. Without a segment, it creates one. */
function begin(request: FastifyRequest, reply: Reply, tracer: Tracer): void {
  const { url, config } = request.routeOptions;
  if (config?.otel === false) return;
  const active = context.active();
  if (trace.getSpan(active) !== undefined) {
    setRoute(active, url);
    request[CONTEXT] = active;
    return;
  }
  const attributes: Attributes = {
    'http.request.method': request.method,
    'url.path': request.url,
    'http.route': url,
  };
  const outer = propagation.extract(active, request.headers);
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes }, outer);
  request[CONTEXT] = trace.setSpan(outer, span);
  finished(reply.raw, () => {
    const { statusCode } = reply.raw;
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
}

function tracedHandler(handler: AnyFunction, options: SpanOptions, tracer: Tracer): AnyFunction {
  return like(handler, function (this: unknown, ...args: unknown[]): unknown {
    const outer = contextOf(args);
    const span = outer == null ? undefined : start(tracer, options, outer);
    if (outer == null || span === undefined) return handler.apply(this, args);
    return context.with(trace.setSpan(outer, span), run, undefined, handler, this, args, span);
  });
}

function start(tracer: Tracer, options: SpanOptions, outer: Context): Span | undefined {
  try {
    return tracer.startSpan('request handler', options, outer);
  } catch (error) {
    reportFailure(NAME, error);
    return undefined;
  }
}

/** Returns the context of the request that a handler gets, as the second argument that of a WebSocket. */
function contextOf([first, second]: readonly unknown[]): Context | null | undefined {
  return (
    (first as Partial<FastifyRequest> | undefined)?.[CONTEXT] ??
    (second as Partial<FastifyRequest> | undefined)?.[CONTEXT]
  );
}

function run(handler: AnyFunction, self: unknown, args: unknown[], span: Span): unknown {
  let result: unknown;
  try {
    result = promised(handler.apply(self, args), args[1]);
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (types.isPromise(result)) {
    result.then(
      (value) => succeed(span, value),
      (error) => fail(span, error),
    );
  } else if (result === undefined || result === args[1]) {
    const isSent = (Object(args[1]) as Partial<Reply>).sent !== false;
    if (!isSent) attempt(NAME, () => endWithResponse(span));
    span.end();
  } else succeed(span, result);
  return result;
}

/**
 * Returns the promise of a result that can be waited for, such as a query, which may run each time that it is
 * waited for, and a reply as it is.
 */
export function promised(result: unknown, reply: unknown): unknown {
  if (types.isPromise(result) || result === reply) return result;
  const { then } = Object(result) as Partial<PromiseLike<unknown>>;
  return typeof then === 'function' ? Promise.resolve(result) : result;
}

/** @param result may be an error, which Fastify sends as one that is thrown */
function succeed(span: Span, result: unknown): void {
  if (types.isNativeError(result)) {
    attempt(NAME, () => recordOnce(span, result, recordHandledError));
  }
  span.end();
}

function fail(span: Span, error: unknown): void {
  attempt(NAME, () => recordFailure(span, error));
  span.end();
}
