import { isIP } from 'node:net';

/**
 * Returns the address of a client as load balancers and proxies write it into `x-forwarded-for` and
 * `forwarded`, without its port. Used by the build in the http instrumentation: `scripts/build/patch-http.ts`.
 *
 * @param removePort parses the address as the host of a URL; not called if it has no port, as that
 *   returns every such address unchanged
 */
export function withoutPort(address: string, removePort: (address: string) => string): string {
  return isIP(address) === 0 ? removePort(address) : address;
}
