import { type Context, context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import upstream from '@opentelemetry/instrumentation-express';
import utils from '@opentelemetry/instrumentation-express/build/src/utils.js';
import { textOf } from '../../attempt.ts';
import { recordRequestError } from '../spans/request-errors.ts';
import { isCatchAll } from '../spans/request-route.ts';
import { reportFailure } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { type HandlerTracing, handlerWithSpan } from './express-handler.ts';
import {
  enterLayer,
  enterRouter,
  isFollowedByRoute,
  type LayerPath,
  noteRoute,
  routeOf,
} from './express-routes.ts';

const NAME = 'express';

/** The part of a layer of a router that tells what it is. */
interface Layer {
  readonly name: string;
  /** The part of the path of the request that it matched. */
  readonly path: string | undefined;
  /** Of a layer with the handlers of one route. */
  readonly route?: LayerPath['route'];
  handle: AnyFunction & { readonly stack?: unknown };
}

type Next = (this: unknown, ...args: unknown[]) => unknown;
type HandleError = (this: unknown, error: unknown, ...args: unknown[]) => unknown;
type Handle = (this: unknown, request: object, response: unknown, done: Next) => unknown;
type Use = (this: Router, ...args: unknown[]) => unknown;

interface Router {
  readonly stack: readonly Layer[];
}

/** The prototype of layers; the method of Express 4 is followed by that of Express 5. */
interface LayerPrototype {
  handle_error?: HandleError;
  handleError?: HandleError;
}

interface ExpressExports {
  /** Express 4: the prototype of routers. Express 5: a function whose `prototype` it is. */
  readonly Router: { prototype?: RouterPrototype } & RouterPrototype;
}

interface RouterPrototype {
  route?: unknown;
  handle?: Handle;
}

/** Private members of upstream's class that are used here. */
interface UpstreamClass extends HandlerTracing {
  init(): { patch?: (exports: ExpressExports, version?: string) => unknown }[];
  /** The path is only passed to the functions of `utils`. */
  _applyPatch(layer: Layer, layerPath?: unknown): void;
}

const Upstream: new (config?: object) => UpstreamClass = upstream.ExpressInstrumentation as never;

/**
 * Upstream's instrumentation, with these differences.
 *
 * It records what a handler passes to `next` or throws. Apps also pass plain objects. Upstream records
 * them as `[object Object]`, and throws if one cannot be converted to a string. Here they are recorded
 * unchanged.
 *
 * The errors of middleware, which has no spans by default, are recorded where they reach an error
 * handler or leave a router, so that a request without errors does no work for them.
 *
 * Upstream recognizes request handlers and routers by the names of Express's own functions, which a
 * minified bundle does not keep and functions of the app can have. Here they are recognized by their
 * properties.
 *
 * Upstream takes the path of every layer that a request reaches for its route. Here that of a route
 * stays, and middleware has one only if it answers (see `express-routes.ts`). All layers that one call
 * of `use` adds are known.
 */
export class ExpressInstrumentation extends Upstream {
  override init(): ReturnType<UpstreamClass['init']> {
    return super.init().map((definition) => {
      const { patch } = definition;
      definition.patch = (exports, version) => {
        watchRouters(exports);
        return patch?.(exports, version);
      };
      return definition;
    });
  }

  override _applyPatch(layer: Layer, path?: string): void {
    watchErrorHandlers(Object.getPrototypeOf(layer) as LayerPrototype);
    const { handle, route } = layer;
    if (handle.length === ERROR_HANDLER_LENGTH) return;
    const layerPath: LayerPath = { path, route };
    super._applyPatch(layer, layerPath);
    if (layer.handle === handle) return;
    if (route !== undefined) {
      layer.handle = handlerWithSpan(handle, layer.handle, this, layer, layerPath);
      return;
    }
    const type = typeOf(layer);
    const isIgnored = () => this.getConfig().ignoreLayersType?.includes(type) === true;
    layer.handle = withoutSpan(handle, layer.handle, layerPath, isIgnored);
  }

  /** Called by upstream for the method `route` of routers. */
  _getRoutePatch(): (original: Use) => Use {
    const patchLayer = (layer: Layer, path?: string) => this._applyPatch(layer, path);
    return (original) =>
      function route(...args) {
        const result = original.apply(this, args);
        const layer = this.stack.at(-1) as Layer;
        const path = utils.getLayerPath(args as never);
        if (isCatchAll(path)) patchCatchAll(this.stack, layer, path, patchLayer);
        else patchLayer(layer, path);
        return result;
      };
  }

  _getRouterUsePatch(): (original: Use) => Use {
    const patchLayer = (layer: Layer, path: string | undefined) => this._applyPatch(layer, path);
    return (original) =>
      function use(...args) {
        const known = this.stack.length;
        const result = original.apply(this, args);
        for (const layer of this.stack.slice(known))
          patchLayer(layer, utils.getLayerPath(args as never));
        return result;
      };
  }
}

/** Patches the layer of a route for all requests, which is middleware if other routes follow. */
function patchCatchAll(
  stack: readonly Layer[],
  layer: Layer,
  path: string | undefined,
  patchLayer: (layer: Layer, path: string | undefined) => void,
): void {
  const { handle } = layer;
  const middleware = Object.assign(Object.create(Object.getPrototypeOf(layer)) as Layer, {
    // Express names layers of routes itself.
    name: '<anonymous>',
    path: '/',
    handle,
  });
  patchLayer(middleware, '/');
  patchLayer(layer, path);
  const { handle: answer } = layer;
  layer.handle = like(answer, function (this: unknown, ...args): unknown {
    return (isFollowedByRoute(stack, layer) ? middleware.handle : answer).apply(this, args);
  });
}

/** Records errors for which no error handler of a router responds. */
function watchRouters({ Router }: ExpressExports): void {
  const prototype = typeof Router.prototype?.route === 'function' ? Router.prototype : Router;
  wrapMethodsOnce(prototype, {
    handle: (original) =>
      function handle(request, response, done) {
        if (typeof done !== 'function') return original.call(this, request, response, done);
        const outer = context.active();
        const leave = enterRouter(request);
        return original.call(this, request, response, function (this: unknown, ...args) {
          leave();
          leaveRoute(outer, request);
          if (args[0]) recordRequestError(NAME, args[0], outer);
          return done.apply(this, args);
        });
      },
  });
}

/** Express calls functions with so many parameters only for errors. */
const ERROR_HANDLER_LENGTH = 4;

/** Returns upstream's type of a layer that is no route. */
function typeOf({ name, handle }: Layer): string {
  return Array.isArray(handle.stack) || name === 'router' ? 'router' : 'middleware';
}

/**
 * Returns the function of a layer that has a span only on demand: most apps have many of them, and
 * none with a span.
 */
function withoutSpan(
  original: AnyFunction,
  traced: AnyFunction,
  layerPath: LayerPath,
  isIgnored: () => boolean,
): AnyFunction {
  return like(traced, function (this: unknown, ...args) {
    if (!isIgnored()) return traced.apply(this, args);
    try {
      enterLayer(args[0] as object, layerPath);
      noteRoute(args[0] as object);
    } catch (error) {
      reportFailure(NAME, error);
    }
    return original.apply(this, args);
  });
}

/** Forgets the path of middleware that has not answered a request. */
function leaveRoute(outer: Context, request: object): void {
  const metadata = getRPCMetadata(outer);
  if (metadata?.type !== RPCType.HTTP) return;
  const route = routeOf(request);
  if (route === undefined) delete metadata.route;
  else metadata.route = route;
}

/** Records errors that pass a layer after the one that raised them: it may be an error handler. */
function watchErrorHandlers(prototype: LayerPrototype): void {
  const recording = (original: HandleError): HandleError =>
    function handleError(error, ...args) {
      recordRequestError(NAME, error);
      return original.call(this, error, ...args);
    };
  wrapMethodsOnce(prototype, { handle_error: recording, handleError: recording });
}

/** Returns a layer with a name by which upstream recognizes its type. */
function named(layer: Layer): Layer {
  const { path, handle, route } = layer;
  if (route !== undefined) return { name: 'handle', path, handle };
  return Array.isArray(handle.stack) ? { name: 'router', path, handle } : layer;
}

/** Names of layers of routes in Express 4 and 5, which functions of the app can have as well. */
const HANDLER_NAMES: ReadonlySet<string> = new Set(['bound dispatch', 'handle']);

const { getLayerMetadata } = utils;

Object.assign(utils, {
  storeLayerPath: (request: object, layerPath: LayerPath): object => {
    enterLayer(request, layerPath);
    return { isLayerPathStored: false };
  },
  getActualMatchedRoute: routeOf,
  getConstructedRoute: (request: object): string => routeOf(request) ?? '',
  getLayerMetadata: (request: string, layer: Layer, { path, route }: LayerPath): unknown => {
    const { name } = layer;
    if (route === undefined && HANDLER_NAMES.has(name)) {
      const attributes = { 'express.name': name, 'express.type': 'middleware' };
      return { name: `middleware - ${name}`, attributes };
    }
    return getLayerMetadata(request, named(layer) as never, path);
  },
  asErrorAndMessage: (thrown: unknown): [thrown: unknown, message: string] => [
    thrown,
    textOf(thrown),
  ],
});
