import { URL } from 'node:url';
import type { Attributes } from '@opentelemetry/api';
import { userAgentOf } from './request-headers.ts';

/** The options of an outgoing request that determine its target. */
export interface OutgoingOptions {
  readonly method?: string | undefined;
  readonly path?: string | null | undefined;
  readonly protocol?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly hostname?: string | null | undefined;
  readonly port?: number | string | null | undefined;
  readonly headers?: Parameters<typeof userAgentOf>[0];
}

/** Returns the attributes of an outgoing request that the http instrumentation leaves out. */
export function outgoingAttributes(options: OutgoingOptions): Attributes | undefined {
  const target = outgoingTarget(options);
  const userAgent = userAgentOf(options.headers);
  return userAgent === undefined ? target : { ...target, 'user_agent.original': userAgent };
}

/**
 * Returns the attributes of an outgoing request whose target is not a path.
 *
 * The http instrumentation appends the target to the address that the request is sent to, which for
 * a request through a proxy gives `http://proxy:3128http://api.example/v1`. By the semantic
 * conventions `url.full` and `server.*` describe the target.
 *
 * @returns `undefined` for a path
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function outgoingTarget(options: OutgoingOptions): Attributes | undefined {
  const { path: target, method } = options;
  if (typeof target !== 'string' || target === '' || target.startsWith('/')) return undefined;
  if (method?.toUpperCase() === 'CONNECT') return authority(target);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return absolute(target);
  const base = originOf(options);
  return { 'url.full': target === '*' ? base : `${base}/${target}` };
}

/** Returns the attributes of a CONNECT, whose target is `host:port`. */
function authority(target: string): Attributes {
  const shown = target.slice(target.lastIndexOf('@') + 1);
  const url = parsed(`http://${shown}`);
  const port = Number(/:(\d+)$/.exec(shown)?.[1] ?? 443);
  return { 'url.full': shown, 'server.address': url?.hostname ?? shown, 'server.port': port };
}

function absolute(target: string): Attributes {
  const url = parsed(target);
  if (url === undefined) return { 'url.full': target };
  url.username = '';
  url.password = '';
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  return { 'url.full': url.href, 'server.address': url.hostname, 'server.port': port };
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Returns the URL of the target without a path. A port of 0, or the default one, is left out. */
export function originOf({ protocol, host, hostname, port }: OutgoingOptions): string {
  const scheme = protocol ?? 'http:';
  const given = hostname ?? host ?? 'localhost';
  const name = /^[^[]*:.*:/.test(given) ? `[${given}]` : given;
  const isDefault =
    !port || /:\d+$/.test(name) || Number(port) === (scheme === 'https:' ? 443 : 80);
  return `${scheme}//${name}${isDefault ? '' : `:${port}`}`;
}

/** The parts of an incoming request that determine its URL. */
export interface IncomingRequest {
  readonly url?: string | undefined;
  readonly headers: { readonly host?: string | undefined };
  readonly socket: { readonly localAddress?: string; readonly localPort?: number };
}

/**
 * Returns the parts of the URL of an incoming request that upstream misreads or leaves out: it records
 * `OPTIONS *` as the path `/*`, takes `a` of `//a/b` for a host, and knows no host of a request without
 * a `Host` header, such as health checks by HTTP/1.0.
 */
export function incomingTarget({ url, headers, socket }: IncomingRequest): Attributes | undefined {
  const isMisread = url === '*' || url?.startsWith('//') === true;
  if (!isMisread && headers.host !== undefined) return undefined;
  return {
    ...(isMisread && { 'url.path': /^[^?]*/.exec(url)?.[0] }),
    ...(headers.host === undefined && {
      'server.address': socket.localAddress?.replace(/^::ffff:/, ''),
      'server.port': socket.localPort,
    }),
  };
}
