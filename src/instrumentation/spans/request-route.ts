import type { Context } from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata } from '@opentelemetry/core';
import { correctRoute } from './handler-spans.ts';

/**
 * The route of a request, which its segment gets when the response ends. The route of a router replaces
 * that of the router around it, which knows less of the request. A framework that renders pages keeps the
 * first of its own routes: it may call others to answer one request, such as a page for errors.
 */

/** From which the HTTP instrumentation takes the route of a request. */
export interface RouteMetadata extends RPCMetadata {
  /** Path at which Express mounts what handles the request, which sees only the rest of the path. */
  mount?: string;
  /** The part of the path of the request that `mount` matched. */
  mountedAt?: string | undefined;
}

/** Requests whose route a framework that renders pages has set. */
const withPage = new WeakSet<RPCMetadata>();

/**
 * Gives the segment of a request the route of a router, behind the path at which Express mounts it.
 *
 * @returns the route of the segment, `undefined` if this is none
 */
export function setRoute(inside: Context, route: unknown): string | undefined {
  const metadata: RouteMetadata | undefined = getRPCMetadata(inside);
  if (metadata === undefined || !isRoute(route)) return undefined;
  const { mount = '' } = metadata;
  const isWhole = route === mount || route.startsWith(`${mount}/`);
  metadata.route = isWhole ? route : joinedPath(mount, route);
  return metadata.route;
}

/** Returns a path behind that of the routers around it. */
export function joinedPath(prefix: string, path = ''): string {
  if (prefix === '') return path || '/';
  if (path === '' || path === '/') return prefix;
  return path.startsWith('/') ? prefix + path : `${prefix}/${path}`;
}

/** Gives the segment of a request, and the handler around the page, its route, unless they have one. */
export function setPageRoute(inside: Context, route: unknown): void {
  const metadata = getRPCMetadata(inside);
  if (metadata === undefined || withPage.has(metadata) || !isPageRoute(route)) return;
  metadata.route = route;
  correctRoute(metadata.span, route);
  withPage.add(metadata);
}

/** Removes the route of the server around a framework that has no page for a request. */
export function clearServerRoute(inside: Context): void {
  const metadata = getRPCMetadata(inside);
  if (metadata !== undefined && !withPage.has(metadata)) delete metadata.route;
}

/** Returns whether a path matches all requests: `*` of Express 4, `/{*any}` of Express 5, `/**` of h3. */
export function isCatchAll(path: string | undefined): boolean {
  return /^\/?(?:\*{1,2}|\(\.\*\)|\{?\/?\*\w+\}?)$/.test(path ?? '');
}

/** Returns whether the path of a page is one that names a request: not one of all, nor of an error. */
export function isPageRoute(path: unknown): path is string {
  return isRoute(path) && /^\/(?!(?:404|500)\/?$)/.test(path);
}

function isRoute(path: unknown): path is string {
  return typeof path === 'string' && !isCatchAll(path);
}
