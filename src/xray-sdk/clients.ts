import { isAutomaticMode, resolveManualSegmentParams } from './context.ts';
import type { SegmentLike } from './entities.ts';
import { below, MYSQL_FACTORIES, takeSegments, takeSegmentsOfMade } from './segment-arguments.ts';

/**
 * Instrumentations trace the clients of an app, so the `capture…` functions return their argument. In
 * manual mode, they also remove the segment from the parameters of a call.
 */

/** Returns the SDK. */
export function captureAWS<T>(awssdk: T): T {
  return awssdk;
}

/** Returns the client. */
export function captureAWSClient<T>(client: T): T {
  return client;
}

/**
 * Returns the client.
 *
 * @param segment in manual mode, the parent of the calls of this client
 */
export function captureAWSv3Client<T extends object>(client: T, segment?: SegmentLike): T {
  if (isAutomaticMode() || segment === undefined) return client;
  const { send } = client as { send?: (...args: unknown[]) => unknown };
  if (typeof send !== 'function') return client;
  Object.defineProperty(client, 'send', {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]): unknown {
      return below(segment, () => send.apply(this, args));
    },
  });
  return client;
}

/** The functions of `http` and `https` that make requests. */
const REQUESTS = ['request', 'get'] as const;

interface HttpModule {
  request(...args: unknown[]): unknown;
  get(...args: unknown[]): unknown;
}

/**
 * Returns the module; in manual mode, a copy whose `request` and `get` use `XRaySegment` of the
 * options as the parent.
 */
export function captureHTTPs<T extends object>(
  module: T,
  _downstreamXRayEnabled?: boolean,
  _subsegmentCallback?: unknown,
): T {
  if (isAutomaticMode()) return module;
  const copy = { ...module };
  for (const name of REQUESTS) {
    const original = (module as unknown as HttpModule)[name];
    (copy as unknown as HttpModule)[name] = (...args) =>
      below(segmentIn(args), () => original.apply(module, args));
  }
  return copy;
}

function segmentIn(args: readonly unknown[]): SegmentLike | undefined {
  const options = args.find(isOptions);
  return options === undefined ? undefined : resolveManualSegmentParams(options);
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof URL);
}

/** Does nothing: `http` and `https` are traced from the start. */
export function captureHTTPsGlobal(
  _module: object,
  _downstreamXRayEnabled?: boolean,
  _subsegmentCallback?: unknown,
): void {}

/** Does nothing: the context is passed on through promises. */
export const capturePromise: (() => void) & { patchThirdPartyPromise(promise: unknown): void } =
  Object.assign((): void => {}, { patchThirdPartyPromise: (): void => {} });

/** Does nothing, like {@link capturePromise}. */
export function uncapturePromise(): void {}

/** Returns the module. In manual mode, its queries take a segment as their last argument. */
export function captureMySQL<T>(mysql: T): T {
  if (!isAutomaticMode()) takeSegmentsOfMade(mysql as object, MYSQL_FACTORIES);
  return mysql;
}

/** Returns the module. In manual mode, its queries take a segment as their last argument. */
export function capturePostgres<T extends object>(pg: T): T {
  const { Client } = pg as { Client?: { prototype: object } };
  if (!isAutomaticMode() && Client !== undefined) takeSegments(Client.prototype);
  return pg;
}

/** Returns `fetch` unchanged: it is traced from the start. */
export function captureFetchGlobal(
  _downstreamXRayEnabled?: boolean,
  _subsegmentCallback?: unknown,
): typeof globalThis.fetch {
  return globalThis.fetch;
}

/** Returns the `fetch` of a module such as node-fetch. */
export function captureFetchModule<T extends { default?: unknown }>(
  module: T,
  _downstreamXRayEnabled?: boolean,
  _subsegmentCallback?: unknown,
): T['default'] extends undefined ? T : NonNullable<T['default']> {
  return (module.default ?? module) as never;
}

/** Returns the function. */
export function enableCapture<F>(fetch: F, _request?: unknown): F {
  return fetch;
}
