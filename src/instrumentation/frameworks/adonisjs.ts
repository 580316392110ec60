import { context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { recordOnce, recordRequestError } from '../spans/request-errors.ts';
import { setRoute } from '../spans/request-route.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';

const NAME = 'adonisjs';

/** A handler with a reference to its controller; `handle` takes a resolver and the context of the request. */
interface ControllerHandler {
  readonly handle: AnyFunction;
}

/** What the router keeps of a route. */
interface RouteRecord {
  readonly pattern: string;
  readonly handler: AnyFunction | ControllerHandler;
  /** Runs middleware and handler; the last argument responds to their errors. */
  readonly execute: AnyFunction;
}

interface Route {
  toJSON?(this: unknown): RouteRecord;
}

interface ExceptionHandler {
  handle?(this: unknown, error: unknown, ...rest: unknown[]): unknown;
}

interface Exports {
  readonly Route?: { readonly prototype: Route };
  readonly ExceptionHandler?: { readonly prototype: ExceptionHandler };
}

/**
 * Traces requests of AdonisJS 6 as its channels do from version 7 on: the handler of a route is a
 * subsegment, and the segment has the route and the errors of middleware, including that of the server.
 *
 * @see src/instrumentation/channels/adonisjs.ts
 */
export class AdonisjsInstrumentation {
  readonly #tracer: Tracer = trace.getTracer(`otel-xray/${NAME}`);
  readonly #hook: Hook = new Hook(['@adonisjs/http-server'], {}, (exports) => {
    const { Route, ExceptionHandler } = exports as Exports;
    if (Route !== undefined) {
      wrapMethodsOnce(Route.prototype, {
        toJSON: (original) => tracedRecord(original, this.#tracer),
      });
    }
    if (ExceptionHandler !== undefined)
      wrapMethodsOnce(ExceptionHandler.prototype, { handle: recordingErrors });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Returns the method to which the server passes all errors, unless the one of the app replaces it. */
function recordingErrors(
  original: NonNullable<ExceptionHandler['handle']>,
): ExceptionHandler['handle'] {
  return function handle(error, ...rest) {
    const { code } = Object(error) as { readonly code?: unknown };
    if (code !== 'E_ROUTE_NOT_FOUND') recordRequestError(NAME, error);
    return original.call(this, error, ...rest);
  };
}

function tracedRecord(original: NonNullable<Route['toJSON']>, tracer: Tracer): Route['toJSON'] {
  return function toJSON() {
    const route = original.call(this);
    const { pattern, handler, execute } = route;
    const traced = (run: AnyFunction): AnyFunction => tracedHandler(run, pattern, tracer);
    return {
      ...route,
      handler:
        typeof handler === 'function'
          ? traced(handler)
          : { ...handler, handle: traced(handler.handle) },
      execute: withRoute(execute, pattern),
    };
  };
}

function tracedHandler(handler: AnyFunction, pattern: string, tracer: Tracer): AnyFunction {
  const attributes = { 'adonisjs.type': 'request_handler', 'http.route': pattern };
  return like(handler, function (this: unknown, ...args) {
    return runInSpan(
      NAME,
      () => tracer.startSpan('request handler', { attributes }),
      () => handler.apply(this, args) as unknown,
      { record: recordHandlerError },
    );
  });
}

function recordHandlerError(span: Span, error: unknown): void {
  recordOnce(span, error, recordFailure);
}

/** Gives the segment the route, also if middleware answers, and the errors that reach the error handler. */
function withRoute(execute: AnyFunction, pattern: string): AnyFunction {
  return like(execute, function (this: unknown, ...args) {
    attempt(NAME, () => setRoute(context.active(), pattern));
    const respond = args.at(-1);
    if (typeof respond !== 'function') return execute.apply(this, args);
    const recording = like(respond as AnyFunction, function (this: unknown, ...errors) {
      recordRequestError(NAME, errors[0]);
      return (respond as AnyFunction).apply(this, errors);
    });
    return execute.apply(this, [...args.slice(0, -1), recording]);
  });
}
