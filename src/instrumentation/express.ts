import upstream from '@opentelemetry/instrumentation-express';
import utils from '@opentelemetry/instrumentation-express/build/src/utils.js';
import { textOf } from '../attempt.ts';

/**
 * Upstream's instrumentation, with two differences.
 *
 * It records what a handler passes to `next` or throws. Apps also pass plain objects. Upstream records
 * them as `[object Object]`, and throws if one cannot be converted to a string. Here they are recorded
 * unchanged.
 *
 * Upstream recognizes request handlers and routers by the names of Express's own functions, which a
 * minified bundle does not keep. Here they are recognized by their properties as well.
 */
export const ExpressInstrumentation: typeof upstream.ExpressInstrumentation =
  upstream.ExpressInstrumentation;

/** The part of a layer of a router that tells what it is. */
interface Layer {
  readonly name: string;
  readonly path: string;
  /** Of a layer with the handlers of one route. */
  readonly route?: object | undefined;
  readonly handle: { readonly stack?: unknown };
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
