import { type Context, context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { joinedPath, type RouteMetadata, setRoute } from '../spans/request-route.ts';

/** A request as frameworks change it: apps that are mounted in another one get the rest of the path. */
export interface MountedRequest {
  readonly originalUrl?: string;
  readonly path?: string;
}

/** Returns the path at which the app that handles a request is mounted; empty for the outermost app. */
export function mountOf({ originalUrl = '', path = '/' }: MountedRequest): string {
  const [whole = ''] = originalUrl.split('?', 1);
  if (whole === path) return '';
  if (path === '/') return whole.replace(/\/$/, '');
  return whole.endsWith(path) ? whole.slice(0, -path.length) : '';
}

/**
 * Makes a path behind the one at which its router or app is mounted the route of the current request.
 *
 * @param mount as in the path of the request; where Express mounts it, the route has the path that the app wrote
 * @returns the route
 */
export function noteMountedRoute(mount: string, path: string): string {
  const inside = context.active();
  const route = joinedPath(insideExpress(inside, mount), path);
  return setRoute(inside, route) ?? route;
}

/** Returns a mount path without the part of Express, which the route of a request gets anyway. */
function insideExpress(inside: Context, mount: string): string {
  const { mountedAt }: Partial<RouteMetadata> = getRPCMetadata(inside) ?? {};
  return mountedAt !== undefined && `${mount}/`.startsWith(`${mountedAt}/`)
    ? mount.slice(mountedAt.length)
    : mount;
}
