import { context, type Exception, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { ConnectInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-connect';
import { setRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';

type Middleware = (this: unknown, ...args: unknown[]) => unknown;

/** Private members of upstream's class that are used here. */
interface UpstreamClass {
  _startSpan(routeName: string, middleware: Middleware): Span;
  _patchMiddleware(routeName: string, middleware: Middleware): Middleware;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/** Records an error that middleware passes on. */
function recordingError(span: Span, next: Middleware): Middleware {
  return function (this: unknown, ...args: unknown[]): unknown {
    if (args[0]) record(span, args[0]);
    return next.apply(this, args);
  };
}

function record(span: Span, error: unknown): void {
  attempt('connect', () => {
    span.recordException(error as Exception);
    span.setStatus({ code: SpanStatusCode.ERROR });
  });
}

/** Puts the path at which Express mounts the app before the route that upstream has just noted. */
function noteRoute(span: Span): void {
  const inside = context.active();
  const route = setRoute(inside, getRPCMetadata(inside)?.route);
  if (route !== undefined) span.setAttribute('http.route', route);
}

/**
 * Traces connect as upstream does, and runs each handler with its span active, so that calls of the
 * handler are its children. Middleware after `next()` is not part of the handler.
 */
export class ConnectInstrumentation extends Upstream {
  /** The span of the middleware that is about to run. */
  #started: Span | undefined;

  override _startSpan(routeName: string, middleware: Middleware): Span {
    const span = super._startSpan(routeName, middleware);
    if (routeName !== '') attempt('connect', () => noteRoute(span));
    this.#started = span;
    return span;
  }

  override _patchMiddleware(routeName: string, middleware: Middleware): Middleware {
    const takeSpan = (): Span | undefined => {
      const span = this.#started;
      this.#started = undefined;
      return span;
    };
    const active = function (this: unknown, ...args: unknown[]): unknown {
      const span = takeSpan();
      if (span === undefined) return middleware.apply(this, args);
      const outer = context.active();
      const next = args.at(-1) as Middleware;
      const inner = [...args.slice(0, -1), context.bind(outer, recordingError(span, next))];
      try {
        return context.with(trace.setSpan(outer, span), () => middleware.apply(this, inner));
      } catch (error) {
        // Connect passes it to the error handlers of the app.
        record(span, error);
        throw error;
      }
    };
    // Connect recognizes error handlers by the number of parameters; spans use the name.
    Object.defineProperty(active, 'length', { value: middleware.length, configurable: true });
    Object.defineProperty(active, 'name', { value: middleware.name, configurable: true });
    return super._patchMiddleware(routeName, active);
  }
}
