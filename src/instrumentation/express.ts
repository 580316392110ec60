import { context } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-express';
import utils from '@opentelemetry/instrumentation-express/build/src/utils.js';
import { textOf } from '../attempt.ts';
import { recordRequestError } from './request-errors.ts';
import { wrapMethodsOnce } from './wrap-class.ts';

const NAME = 'express';

/** The part of a layer of a router that tells what it is. */
interface Layer {
  readonly name: string;
  readonly path: string;
  /** Of a layer with the handlers of one route. */
  readonly route?: object | undefined;
  readonly handle: { readonly stack?: unknown };
}

type Next = (this: unknown, ...args: unknown[]) => unknown;
type HandleError = (this: unknown, error: unknown, ...args: unknown[]) => unknown;
type Handle = (this: unknown, request: unknown, response: unknown, done: Next) => unknown;

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
interface UpstreamClass {
  init(): { patch?: (exports: ExpressExports, version?: string) => unknown }[];
  _applyPatch(layer: Layer, layerPath?: string): void;
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
 * minified bundle does not keep. Here they are recognized by their properties as well.
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

  override _applyPatch(layer: Layer, layerPath?: string): void {
    watchErrorHandlers(Object.getPrototypeOf(layer) as LayerPrototype);
    super._applyPatch(layer, layerPath);
  }
}

/** Records errors for which no error handler of a router responds. */
function watchRouters({ Router }: ExpressExports): void {
  const prototype = typeof Router.prototype?.route === 'function' ? Router.prototype : Router;
  wrapMethodsOnce(prototype, {
    handle: (original) =>
      function handle(request, response, done) {
        if (typeof done !== 'function') return original.call(this, request, response, done);
        const outer = context.active();
        return original.call(this, request, response, function (this: unknown, ...args) {
          if (args[0]) recordRequestError(NAME, args[0], outer);
          return done.apply(this, args);
        });
      },
  });
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

/** Names by which upstream recognizes a layer. */
const NAMES: ReadonlySet<string> = new Set(['router', 'bound dispatch', 'handle']);

function named(layer: Layer): Layer {
  if (NAMES.has(layer.name)) return layer;
  const { path, handle, route } = layer;
  if (route !== undefined) return { name: 'handle', path, handle };
  return Array.isArray(handle.stack) ? { name: 'router', path, handle } : layer;
}

const { getLayerMetadata } = utils;

Object.assign(utils, {
  getLayerMetadata: (route: string, layer: Layer, layerPath?: string): unknown =>
    getLayerMetadata(route, named(layer) as never, layerPath),
  asErrorAndMessage: (thrown: unknown): [thrown: unknown, message: string] => [
    thrown,
    textOf(thrown),
  ],
});
