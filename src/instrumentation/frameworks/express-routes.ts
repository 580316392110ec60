import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { joinedPath, type RouteMetadata } from '../spans/request-route.ts';

interface Metadata extends RouteMetadata {
  /** Route that a router inside middleware has found, which has no layers of Express. */
  innerRoute?: string;
}

/** What is known about the route of a request. */
interface RouteState {
  metadata: Metadata | undefined;
  /** Paths at which the routers around the current layer are mounted. */
  prefix: string;
  /** Path at which the current layer is mounted in its router. */
  mount: string;
  /** Route of the last route layer that was reached. */
  route: string | undefined;
}

/** A layer of a router, with its path as the app wrote it. */
export interface LayerPath {
  readonly path: string | undefined;
  /** The handlers of a route; absent for middleware and routers. */
  readonly route: Route | undefined;
}

/** A route of Express 5 or Express 4. */
interface Route {
  _handlesMethod?(method: string): boolean;
  _handles_method?(method: string): boolean;
}

interface RoutedRequest {
  readonly method?: string;
  readonly baseUrl?: string;
  [STATE]?: RouteState;
}

const STATE: unique symbol = Symbol('otel-xray route');

/** Returns the state of a request, in a property that neither `console.log` nor a copy shows. */
function stateOf(request: RoutedRequest): RouteState {
  const known = request[STATE];
  if (known !== undefined) return known;
  const state: RouteState = { metadata: undefined, prefix: '', mount: '', route: undefined };
  Reflect.defineProperty(request, STATE, { value: state });
  return state;
}

/**
 * Notes that a request enters a router.
 *
 * @returns notes that the request leaves it, for layers that follow in the router around it
 */
export function enterRouter(request: object): () => void {
  const state = stateOf(request);
  const { prefix, mount } = state;
  state.prefix = prefix + mount;
  state.mount = '';
  return () => {
    state.prefix = prefix;
    state.mount = mount;
  };
}

/** Notes that a request reaches a layer. Later middleware does not change the route of a route layer. */
export function enterLayer(request: object, { path, route }: LayerPath): void {
  const state = stateOf(request);
  state.mount = route === undefined ? mountPath(path) : '';
  noteMount(state, request);
  if (route !== undefined && isDispatched(route, request)) {
    state.route = joinedPath(state.prefix, path);
  }
}

/** Tells another framework, which the current layer may be, at which path it is mounted. */
function noteMount(state: RouteState, { baseUrl }: RoutedRequest): void {
  const mount = state.prefix + state.mount;
  if (mount === '' && state.metadata === undefined) return;
  state.metadata ??= getRPCMetadata(context.active());
  const { metadata } = state;
  if (metadata === undefined || mount === (metadata.mount ?? '')) return;
  metadata.mount = mount;
  metadata.mountedAt = baseUrl;
}

/** Makes the current route that of the span of the request. */
export function noteRoute(request: object): void {
  const state = stateOf(request);
  state.metadata ??= getRPCMetadata(context.active());
  const { metadata } = state;
  if (metadata?.type === RPCType.HTTP) metadata.route = routeOf(request) as string;
}

/**
 * Returns the route of the last route layer that the request reached; before that, the path at which the
 * current middleware or its router is mounted, `undefined` if that is the root.
 */
export function routeOf(request: RoutedRequest): string | undefined {
  const state = request[STATE];
  return (
    state?.route ??
    state?.metadata?.innerRoute ??
    (state && (state.prefix + state.mount || undefined))
  );
}

/** Makes the route that a router inside middleware has found that of the current request. */
export function noteInnerRoute(route: string): void {
  const metadata: Metadata | undefined = getRPCMetadata(context.active());
  if (metadata?.type !== RPCType.HTTP) return;
  metadata.route = route;
  metadata.innerRoute = route;
}

/**
 * Returns whether a route follows a layer in its router. A route for all requests with others behind it is
 * middleware, as the hooks of Sails are; the last one answers what no other does.
 */
export function isFollowedByRoute<Layer extends { readonly route?: unknown }>(
  stack: readonly Layer[],
  layer: Layer,
): boolean {
  return stack.findLast(({ route }) => route !== undefined) !== layer;
}

/** A request with the method HEAD passes through routes that have other methods only. */
function isDispatched(route: Route, { method }: RoutedRequest): boolean {
  if (method !== 'HEAD') return true;
  return (route._handlesMethod?.(method) ?? route._handles_method?.(method)) !== false;
}

/** A list of functions has a path of commas. */
function mountPath(path: string | undefined): string {
  return path === undefined || path === '/' ? '' : path.replace(/^,+$|\/+$/, '');
}
