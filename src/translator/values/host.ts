import { isIPv6 } from 'node:net';
import { authorityOf } from './url.ts';

/**
 * Returns the name or address of a host without port, user info and brackets, in lower case.
 *
 * @param text `shop.example:8443`, `[::1]:80`, `user@host`, `::1`, …
 */
export function bareHost(text: string): string {
  const host = text.slice(text.lastIndexOf('@') + 1).trim();
  if (host.startsWith('[')) {
    const end = host.indexOf(']');
    return (end === -1 ? host.slice(1) : host.slice(1, end)).toLowerCase();
  }
  const colon = host.indexOf(':');
  // Two colons without brackets: an IPv6 address without a port.
  const bare = colon === -1 || host.indexOf(':', colon + 1) !== -1 ? host : host.slice(0, colon);
  return bare.toLowerCase();
}

/** Returns the host of a URL as {@link bareHost} does. */
export function hostOfUrl(url: string): string | undefined {
  const authority = authorityOf(url);
  return authority === undefined || authority === '' ? undefined : bareHost(authority);
}

/** Returns a host as it is written in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  const colon = host.indexOf(':');
  if (colon === -1 || host.startsWith('[') || host.indexOf(':', colon + 1) === -1) return host;
  return `[${host}]`;
}

/**
 * Returns an IP address; `undefined` for any other text.
 *
 * `::ffff:a.b.c.d`, the form of IPv4 peers on a dual-stack socket, becomes `a.b.c.d`.
 */
export function ipAddress(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (MAPPED_IPV4.test(text)) return text.slice('::ffff:'.length);
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  // X-Ray does not accept other characters in a zone.
  return isIPv6(bare) && /^[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?$/.test(bare) && bare.length <= 45
    ? bare
    : undefined;
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|[01]?\\d?\\d)';
const FOUR_BYTES = `${BYTE}(?:\\.${BYTE}){3}$`;
const IPV4 = new RegExp(`^${FOUR_BYTES}`);
const MAPPED_IPV4 = new RegExp(`^::ffff:${FOUR_BYTES}`, 'i');
