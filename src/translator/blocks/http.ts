import { type AttributeReader, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import type { HttpBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { TranslatableSpan } from '../span.ts';
import { ipAddress } from '../values/host.ts';
import { integerOf } from '../values/text.ts';
import { httpUrl } from './http-url.ts';

/** The attributes that each field is read from; names of the current semantic conventions first. */
const NAMES = {
  method: names('http.request.method', 'http.method'),
  originalMethod: names('http.request.method_original'),
  userAgent: names('user_agent.original', 'http.user_agent'),
  status: names('http.response.status_code', 'http.status_code'),
  client: names('client.address', 'http.client_ip'),
  peer: names('network.peer.address', 'net.peer.ip', 'net.sock.peer.addr'),
  clientPorts: names('client.port', 'network.peer.port', 'net.peer.port', 'net.sock.peer.port'),
  forwarded: names('aws.xray.x_forwarded_for'),
  size: names('http.response.body.size'),
  sizeHeader: names('http.response.header.content-length', 'http.response.header.content_length'),
  oldSize: names('http.response_content_length'),
  messageType: names('message.type'),
  messageSize: names('messaging.message_payload_size_bytes'),
} as const;

/** A span with any of these is an HTTP span. Addresses, ports and a scheme alone do not make one. */
const SIGNS = names(
  'http.request.method',
  'http.method',
  'http.response.status_code',
  'http.status_code',
  'user_agent.original',
  'http.user_agent',
  'http.client_ip',
  'http.host',
  'http.target',
  'http.server_name',
  'url.path',
  'url.query',
  'http.request.method_original',
  'http.url',
);
const FULL_URL = names('url.full');

/** The most frequent methods, which need no test against the pattern. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']);
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/;

/**
 * Builds the `http` block.
 *
 * @returns `undefined` when the span is not an HTTP call, or nothing usable is known about it
 * @see docs/spec/translation.md section 3
 */
export function httpBlock(
  reader: AttributeReader,
  span: TranslatableSpan,
  traits: SpanTraits,
  settings: Settings,
): HttpBlock | undefined {
  const hasUrl = !traits.isQueueCall && reader.has(FULL_URL);
  if (!hasUrl && !reader.has(SIGNS)) return undefined;
  const method = requestMethod(reader);
  const url = httpUrl(reader, traits, settings);
  const userAgent = reader.take(NAMES.userAgent, LIMITS.userAgent);
  const client = traits.isCaller ? undefined : clientAddress(reader, traits);
  const status = reader.takeInteger(NAMES.status, 100, 599);
  const contentLength = contentLengthOf(reader, span);
  const hasRequest =
    method !== undefined || url !== undefined || userAgent !== undefined || client !== undefined;
  const hasResponse = status !== undefined || contentLength !== undefined;
  if (!hasRequest && !hasResponse) return undefined;
  return {
    request: hasRequest
      ? {
          method,
          url,
          user_agent: userAgent,
          client_ip: client?.address,
          x_forwarded_for: client?.forwarded,
        }
      : undefined,
    response: hasResponse ? { status, content_length: contentLength } : undefined,
  };
}

/** Returns the original method where the instrumentation records `_OTHER` for an unknown one (B-19). */
function requestMethod(reader: AttributeReader): string | undefined {
  const named = reader.peekText(NAMES.method);
  const original = reader.peekText(NAMES.originalMethod);
  const wanted = named === '_OTHER' ? original : named;
  const method = validMethod(wanted) ?? validMethod(named) ?? validMethod(original);
  if (method === undefined) return undefined;
  reader.consumeEqual(NAMES.method, method);
  reader.consumeEqual(NAMES.originalMethod, method);
  return method;
}

function validMethod(text: string | undefined): string | undefined {
  return text !== undefined && (METHODS.has(text) || METHOD.test(text)) ? text : undefined;
}

interface ClientAddress {
  readonly address: string;
  readonly forwarded: true | undefined;
}

/** Returns the address of the client, and whether the request came through a proxy (B-20, B-21). */
function clientAddress(reader: AttributeReader, traits: SpanTraits): ClientAddress | undefined {
  const { address, isPeer } = usualClient(reader) ?? anyClient(reader);
  if (address === undefined) return undefined;
  reader.consume(NAMES.clientPorts);
  const forwarded =
    reader.takeFlag(NAMES.forwarded) ?? (traits.isServer && !isPeer ? true : undefined);
  return { address, forwarded };
}

interface Client {
  readonly address: string | undefined;
  /** Whether the address is that of the socket. */
  readonly isPeer: boolean;
}

/** Handles the usual case, one client attribute and at most one peer attribute, for the template cache. */
function usualClient(reader: AttributeReader): Client | undefined {
  if (reader.countPresent(NAMES.client) !== 1 || reader.countPresent(NAMES.peer) > 1)
    return undefined;
  // Set by the first value; a value for which it would differ cannot use the same template.
  let isPeer: boolean | undefined;
  const show = (text: string, beside: string | undefined): string | undefined => {
    const peer = beside === undefined ? undefined : ipAddress(beside);
    if (beside !== undefined && peer === undefined) return undefined;
    const address = text === beside ? peer : ipAddress(text);
    isPeer ??= address === peer;
    return (address === peer) === isPeer ? address : undefined;
  };
  const field = 'http.request.client_ip';
  const address = reader.takeMapped(NAMES.client, LIMITS.short, field, show, NAMES.peer);
  if (address === undefined || isPeer === undefined) return undefined;
  reader.consume(NAMES.peer);
  return { address, isPeer };
}

function anyClient(reader: AttributeReader): Client {
  const peer = firstAddress(reader, NAMES.peer);
  const client = firstAddress(reader, NAMES.client) ?? peer;
  return { address: client, isPeer: client === peer };
}

/** Returns the first attribute that is an IP address, and consumes all that are. */
function firstAddress(reader: AttributeReader, sources: readonly number[]): string | undefined {
  let first: string | undefined;
  for (let i = 0; i < sources.length; i += 1) {
    const source = sources[i] as number;
    const value = reader.valueOf(source);
    const address = typeof value === 'string' ? ipAddress(value) : undefined;
    if (address === undefined) continue;
    first ??= address;
    reader.consumeOne(source);
  }
  return first;
}

/** Returns the size of the response body in bytes; `undefined` if unknown (B-22). */
function contentLengthOf(reader: AttributeReader, span: TranslatableSpan): number | undefined {
  const size = reader.takeShownInteger(NAMES.size, 0, Number.MAX_SAFE_INTEGER);
  if (size !== undefined) return size;
  const header = reader.peek(NAMES.sizeHeader);
  const first = integerOf(Array.isArray(header) ? header[0] : header);
  if (first !== undefined && first >= 0) {
    reader.consumeEqual(NAMES.sizeHeader, header);
    return first;
  }
  return (
    reader.takeInteger(NAMES.oldSize, 0, Number.MAX_SAFE_INTEGER) ??
    receivedMessageSize(reader, span)
  );
}

/** Returns the first non-zero size of a `RECEIVED` message, on the span or in its events. */
function receivedMessageSize(reader: AttributeReader, span: TranslatableSpan): number | undefined {
  if (reader.peek(NAMES.messageType) === 'RECEIVED') {
    const size = reader.takeInteger(NAMES.messageSize, 1, Number.MAX_SAFE_INTEGER);
    if (size !== undefined) return size;
  }
  for (const event of span.events) {
    if (event.attributes?.['message.type'] !== 'RECEIVED') continue;
    const size = integerOf(event.attributes['messaging.message_payload_size_bytes']);
    if (size !== undefined && size > 0) return size;
  }
  return undefined;
}
