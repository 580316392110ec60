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
