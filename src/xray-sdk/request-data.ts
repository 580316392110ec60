import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ResponseBlock {
  status?: number;
  content_length?: number;
}

/** A request or response of any library. */
interface Loose {
  readonly [name: string]: unknown;
}

/** The `http` block of a segment for an incoming request. */
export class IncomingRequestData {
  request: Record<string, unknown>;
  response?: ResponseBlock;

  constructor(request: IncomingMessage) {
    const { headers, socket } = request;
    const forwarded = headers['x-forwarded-for'];
    const scheme = (socket as { encrypted?: boolean } | undefined)?.encrypted ? 'https' : 'http';
    this.request = {
      method: request.method ?? '',
      user_agent: headers['user-agent'] ?? '',
      client_ip: firstAddress(forwarded) ?? socket?.remoteAddress ?? '',
      url: `${scheme}://${headers.host ?? ''}${request.url ?? ''}`,
      ...(forwarded === undefined ? {} : { x_forwarded_for: true }),
    };
  }

  /** Adds the status and length of the response. */
  close(response: ServerResponse): void {
    this.response = responseBlock(response);
  }
}

/** Returns the `http` block of a subsegment for an outgoing request of `node:http` or `fetch`. */
export function remoteRequestData(request: object, response: object | undefined): object {
  const loose = request as Loose;
  return {
    request: { url: urlOf(loose), method: String(loose['method'] ?? '') },
    ...(response === undefined ? {} : { response: responseBlock(response) }),
  };
}

function urlOf(request: Loose): string {
  if (typeof request['url'] === 'string') return withoutQuery(withoutUserInfo(request['url']));
  const protocol = (request['agent'] as Loose | undefined)?.['protocol'] ?? request['protocol'];
  if (typeof protocol !== 'string') return '';
  const getHeader = request['getHeader'] as ((name: string) => unknown) | undefined;
  const host = request['host'] ?? getHeader?.call(request, 'host') ?? '';
  return `${protocol}//${String(host)}${withoutQuery(String(request['path'] ?? ''))}`;
}

/** Returns the status and length of a response. */
export function responseBlock(given: object): ResponseBlock {
  const response = given as Loose;
  const status = Number(response['statusCode'] ?? response['status']);
  const length = Number(contentLength(response));
  return {
    ...(Number.isInteger(status) && status > 0 ? { status } : {}),
    ...(Number.isInteger(length) && length >= 0 ? { content_length: length } : {}),
  };
}

function contentLength(response: Loose): unknown {
  const headers = response['headers'] as Loose | { get(name: string): unknown } | undefined;
  if (typeof headers?.get === 'function') return headers.get('content-length') ?? undefined;
  const getHeader = response['getHeader'] as ((name: string) => unknown) | undefined;
  return (
    (headers as Loose | undefined)?.['content-length'] ??
    getHeader?.call(response, 'content-length')
  );
}

function firstAddress(forwarded: string | readonly string[] | undefined): string | undefined {
  return (
    String(forwarded ?? '')
      .split(',')[0]
      ?.trim() || undefined
  );
}

/**
 * Returns a path without its query string, which the X-Ray SDK records for incoming requests only.
 */
export function withoutQuery(path: string): string {
  return path.split('?', 1)[0] as string;
}

function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}
