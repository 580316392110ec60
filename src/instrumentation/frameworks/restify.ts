import { ServerResponse } from 'node:http';
import { types } from 'node:util';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { RestifyInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-restify';
import { Hook } from '../loading/hooks.ts';
import { endNow, endWithResponse } from '../spans/handler-spans.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { setRoute } from '../spans/request-route.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethods, wrapMethodsOnce } from '../wrap/wrap-class.ts';

const NAME = 'restify';

/** Members of upstream's class that are used here. */
interface UpstreamClass {
  readonly tracer: Tracer;
  readonly _isDisabled: boolean;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

interface Server {
  _onHandlerError?: AnyFunction;
}

interface Request {
  readonly route?: { readonly path?: unknown };
  getRoute?(): { readonly path?: unknown } | undefined;
}

/** What upstream knows of a function that the app passes to a method of its server. */
interface Layer {
  readonly type: 'middleware' | 'request_handler';
  readonly methodName: string;
}

/**
 * Traces Restify as upstream does, except that a handler ends when it calls `next`, or with the response,
 * and has the error that it passes to `next` or sends. Restify reads the length and the kind of handlers,
 * which upstream changes: one for errors, with four parameters, would be called for each request.
 */
export class RestifyInstrumentation extends Upstream {
  readonly #hook: Hook = new Hook(['restify/lib/server.js'], {}, (exports) => {
    const { prototype } = exports as { readonly prototype: Server };
    wrapMethods(prototype, { _onHandlerError: recording });
    // Restify has added its methods to the class of Node.
    wrapMethodsOnce(ServerResponse.prototype as { send?: AnyFunction }, { send: recordingSent });
    return exports;
  });

  /** Called by upstream with what the app passes to the methods of a server. */
  _handlerPatcher(layer: Layer, handler: unknown): unknown {
    if (Array.isArray(handler)) return handler.map((one) => this._handlerPatcher(layer, one));
    // Those for errors get them from `next` again.
    if (typeof handler !== 'function' || handler.length > 3) return handler;
    return this.#traced(layer, handler as AnyFunction);
  }

  disable(): void {
    this.#hook.unhook();
    (Upstream.prototype as { disable?(): void }).disable?.call(this);
  }

  #traced(layer: Layer, handler: AnyFunction): AnyFunction {
    const run = (self: unknown, args: readonly unknown[]): unknown => {
      const active = context.active();
      const span = this._isDisabled
        ? undefined
        : attempt(NAME, () => this.#startSpan(layer, handler, args[0] as Request));
      return span === undefined
        ? handler.apply(self, [...args])
        : runHandler(handler, self, args, { span, active });
    };
    // Restify accepts two parameters only of what is an `async` function.
    const replacement: AnyFunction = types.isAsyncFunction(handler)
      ? async function (this: unknown, ...args: unknown[]) {
          return run(this, args);
        }
      : function (this: unknown, ...args: unknown[]) {
          return run(this, args);
        };
    return like(handler, replacement);
  }

  #startSpan({ type, methodName }: Layer, { name }: AnyFunction, request: Request): Span {
    const route = (request.getRoute?.() ?? request.route)?.path;
    const path = route === undefined ? undefined : String(route);
    setRoute(context.active(), path);
    const attributes: Attributes = {
      'restify.type': type,
      'restify.method': methodName,
      ...(name !== '' && { 'restify.name': name }),
      ...(path !== undefined && { 'http.route': path }),
    };
    const spanName =
      type === 'request_handler'
        ? `request handler - ${path}`
        : `middleware - ${name || 'anonymous'}`;
    return this.tracer.startSpan(spanName, { attributes });
  }
}

interface Running {
  readonly span: Span;
  /** The context around the handler. */
  readonly active: Context;
}

function runHandler(
  handler: AnyFunction,
  self: unknown,
  [request, response, next, ...others]: readonly unknown[],
  { span, active }: Running,
): unknown {
  const end = (): void => {
    attempt(NAME, () => {
      endNow(span);
      if (span.isRecording()) span.end();
    });
  };
  const fail = (error: unknown): never => {
    attempt(NAME, () => recordFailure(span, error));
    end();
    throw error;
  };
  const ending = typeof next === 'function' ? endingNext(next as AnyFunction, active, end) : next;
  let result: unknown;
  try {
    result = context.with(trace.setSpan(active, span), () =>
      handler.call(self, request, response, ending, ...others),
    );
  } catch (error) {
    return fail(error);
  }
  if (types.isPromise(result)) {
    return result.then((value) => {
      end();
      return value;
    }, fail);
  }
  if (attempt(NAME, () => endWithResponse(span)) !== true) end();
  return result;
}

/** Returns a `next` that first ends the span of the handler that calls it. */
function endingNext(next: AnyFunction, active: Context, end: () => void): AnyFunction {
  return like(next, function (this: unknown, ...args: unknown[]): unknown {
    // A text is the name of another route.
    if (types.isNativeError(args[0])) recordRequestError(NAME, args[0], active);
    end();
    return next.apply(this, args);
  });
}

function recording(original: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    recordRequestError(NAME, args[0]);
    return original.apply(this, args);
  };
}

/** Restify sends an error as its status and message. */
function recordingSent(original: AnyFunction): AnyFunction {
  return function send(this: unknown, ...args: unknown[]): unknown {
    const error = args.find(types.isNativeError);
    if (error !== undefined) recordRequestError(NAME, error);
    return original.apply(this, args);
  };
}
