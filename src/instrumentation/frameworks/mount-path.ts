import { context } from '@opentelemetry/api';
import { joinedPath, setRoute } from '../spans/request-route.ts';

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
 * @returns the route
 */
export function noteMountedRoute(mount: string, path: string): string {
  const route = joinedPath(mount, path);
  return setRoute(context.active(), route) ?? route;
}
