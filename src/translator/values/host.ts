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
  if (isIPv4(text, 0)) return text;
  if (text.length > 9 && text.slice(0, 7).toLowerCase() === '::ffff:' && isIPv4(text, 7)) {
    return text.slice(7);
  }
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  // X-Ray does not accept other characters in a zone.
  return isIPv6(bare) && /^[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?$/.test(bare) && bare.length <= 45
    ? bare
    : undefined;
}

function isIPv4(text: string, start: number): boolean {
  let parts = 1;
  let digits = 0;
  let number = 0;
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (digits === 0) return false;
      parts += 1;
      digits = 0;
      number = 0;
      continue;
    }
    if (code < 0x30 || code > 0x39) return false;
    number = number * 10 + code - 0x30;
    digits += 1;
    if (digits > 3 || number > 255) return false;
  }
  return parts === 4 && digits > 0;
}
