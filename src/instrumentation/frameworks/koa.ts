import { types } from 'node:util';
import { trace } from '@opentelemetry/api';
import { KoaInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-koa';
import { guardedWrapper, type Wrapper } from '../loading/guarded-wrap.ts';
import { recordingErrors } from '../spans/recording-errors.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { type MountedRequest, mountOf, noteMountedRoute } from './mount-path.ts';

const NAME = 'koa';

interface Application {
  use: AnyFunction;
  callback: AnyFunction;
  readonly middleware: AnyFunction[];
  /** Inherited from Node's `EventEmitter`. */
  emit: AnyFunction;
  readonly context: object;
}

interface KoaExports {
  readonly prototype?: Application;
  readonly default?: { readonly prototype: Application };
}

/** Private members of upstream's class that are used here. */
interface UpstreamClass {
  init(): { patch?: (exports: KoaExports, version?: string) => unknown };
  _patchLayer(middleware: AnyFunction, isRouter: boolean, path?: string): AnyFunction;
  _patchRouterDispatch(dispatch: AnyFunction): AnyFunction;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/**
 * Traces Koa as upstream does, and records the errors of middleware, which has no spans by default, and
 * those of streams that are the body of a response.
 */
export class KoaInstrumentation extends Upstream {
  override init(): ReturnType<UpstreamClass['init']> {
    const definition = super.init();
    const { patch } = definition;
    definition.patch = (exports, version) => {
      const prototype = exports.default?.prototype ?? exports.prototype;
      if (prototype !== undefined) {
        watchApplication(prototype, (dispatch) => this._patchRouterDispatch(dispatch));
        patchRoutes = (stack) => this.#patchRoutes(stack);
      }
      return patch?.(exports, version);
    };
    return definition;
  }

  override _patchLayer(middleware: AnyFunction, isRouter: boolean, path?: string): AnyFunction {
    if (isRouter) return super._patchLayer(middleware, isRouter, path);
    let hasSpan = false;
    const wrapper: Wrapper = (original) => {
      const patched = super._patchLayer(original, isRouter, path);
      hasSpan = patched !== original;
      return patched;
    };
    const guarded = guardedWrapper(NAME, wrapper)(middleware, middleware.name);
    return hasSpan ? guarded : recordingErrors(NAME, middleware);
  }

  override _patchRouterDispatch(dispatch: AnyFunction): AnyFunction {
    this.#patchRoutes((dispatch as Dispatch).router?.stack ?? []);
    const patched = recordingErrors(NAME, dispatch);
    patchedFunctions.add(patched);
    return patched;
  }

  #patchRoutes(stack: readonly Route[]): void {
    for (const route of stack) this.#patchRoute(route);
  }

  /** The last function of a route with methods is its handler; all others are middleware. */
  #patchRoute({ path, methods = [], stack }: Route): void {
    for (const [index, original] of stack.entries()) {
      if (patchedFunctions.has(original)) continue;
      const isHandler = methods.length > 0 && index === stack.length - 1;
      const patched = isHandler
        ? this._patchLayer(withRoute(original, path), true, String(path))
        : this._patchLayer(original, false);
      patchedFunctions.add(patched);
      stack[index] = patched;
    }
  }
}

let patchRoutes: ((stack: readonly Route[]) => void) | undefined;

/** Traces the routes of a router that no Koa app uses itself, if Koa is traced. */
export function traceRouter({ stack = [] }: Router): void {
  patchRoutes?.(stack);
}

export interface Router {
  readonly stack?: readonly Route[];
}

/** Functions of routers, and routers, that are patched. A router may be used twice. */
const patchedFunctions = new WeakSet<AnyFunction>();

/** A route of `@koa/router`, or middleware of the router itself, which has no methods. */
interface Route {
  readonly path: unknown;
  readonly methods?: readonly string[];
  readonly stack: AnyFunction[];
}

interface Dispatch extends AnyFunction {
  readonly router?: Router;
}

/**
 * Gives the request the route of a handler when the handler runs. The router names the last route that
 * matches, which may be that of middleware.
 */
function withRoute(handler: AnyFunction, path: unknown): AnyFunction {
  if (typeof path !== 'string' || types.isGeneratorFunction(handler)) return handler;
  return like(handler, function (this: unknown, ...args: unknown[]): unknown {
    attempt(NAME, () => noteRoute(args[0] as MountedRequest, path));
    return handler.apply(this, args);
  });
}

/** Also names the route of the handler after the whole path where Express or `koa-mount` mounts its app. */
function noteRoute(request: MountedRequest, path: string): void {
  const route = noteMountedRoute(mountOf(request), path);
  if (route !== path) trace.getActiveSpan()?.setAttribute('http.route', route);
}

/**
 * Records the errors that the context of a request responds to, because no middleware has caught them, and
 * those that the app emits on the application, because it responds itself. Patches routers that `use` has not
 * seen, because a class of the app has its own, as that of Egg.
 */
function watchApplication(
  application: Application,
  patchDispatch: (dispatch: AnyFunction) => AnyFunction,
): void {
  wrapMethodsOnce(application, {
    emit: (original) =>
      function emit(this: unknown, ...args) {
        const [event, error] = args;
        if (event === 'error' && error !== null && error !== undefined)
          recordRequestError(NAME, error);
        return original.apply(this, args);
      },
    callback: (original) =>
      function callback(this: unknown, ...args) {
        const { context: inside, middleware } = this as Application;
        const prototype = Object.getPrototypeOf(inside) as ContextPrototype;
        wrapMethodsOnce(prototype, { onerror: recordingError });
        attempt(NAME, () => patchRouters(middleware, patchDispatch));
        return original.apply(this, args);
      },
  });
}

function patchRouters(
  middleware: AnyFunction[],
  patchDispatch: (dispatch: AnyFunction) => AnyFunction,
): void {
  for (const [index, one] of middleware.entries()) {
    const isRouter = (one as Dispatch).router?.stack !== undefined;
    if (isRouter && !patchedFunctions.has(one)) middleware[index] = patchDispatch(one);
  }
}

interface ContextPrototype {
  onerror?: AnyFunction;
}

function recordingError(original: AnyFunction): AnyFunction {
  return function onerror(this: unknown, ...args: unknown[]): unknown {
    // Koa also calls it at the end of each response, without an error.
    if (args[0] !== null && args[0] !== undefined) recordRequestError(NAME, args[0]);
    return original.apply(this, args);
  };
}
