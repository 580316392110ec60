import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { gunzip } from 'node:zlib';
import { asObject, type JsonObject } from '../json.ts';
import { ServiceError } from '../service/errors.ts';

/** Maximum size of a request body in bytes, before and after decompression. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** Slower requests are closed. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Answers a call of the X-Ray API; throws {@link ServiceError}. */
export type ApiHandler = (path: string, input: JsonObject) => unknown | Promise<unknown>;
/** Handles a GET request; returns `false` when nothing is at the path. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Creates the HTTP server: X-Ray's API (`POST`) and the page (`GET`).
 *
 * Refuses requests whose `Host` is not this machine, so that no other web page can read or
 * write here through a host name that resolves to the loopback address (DNS rebinding). Refuses
 * requests of pages of another origin. Never sends a CORS header.
 */
export function createHttpServer(options: {
  readonly api: ApiHandler;
  readonly page: PageHandler;
  /** Host names allowed besides `localhost` and IP addresses. */
  readonly allowedHosts: readonly string[];
}): Server {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => sendError(response, error));
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.maxRequestsPerSocket = 0;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: Parameters<typeof createHttpServer>[0],
): Promise<void> {
  response.setHeader('x-amzn-RequestId', randomUUID());
  const refusal = rejectionReason(request, options.allowedHosts);
  if (refusal !== undefined) throw new ServiceError('AccessDeniedException', refusal);
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (options.page(request, response)) return;
    throw new ServiceError('UnknownOperationException', `nothing at ${request.url}`);
  }
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (request.method !== 'POST') {
    throw new ServiceError('UnknownOperationException', `${request.method} ${path}: use POST`);
  }
  const input = inputOf(await readBody(request));
  sendJson(response, 200, await options.api(path, input));
}

/** Returns why a request is refused; `undefined` when it is allowed. */
function rejectionReason(
  request: Pick<IncomingMessage, 'headers'>,
  allowedHosts: readonly string[],
): string | undefined {
  const { host, origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (host !== undefined && !isAllowedHost(hostName(host), allowedHosts)) {
    return `Host ${JSON.stringify(host)} is not this machine; use --allow-host to accept it`;
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return `requests of pages from ${JSON.stringify(origin)} are refused`;
  }
  if (site === 'cross-site' || site === 'same-site') return 'requests of other sites are refused';
  return undefined;
}

function isAllowedHost(name: string, allowedHosts: readonly string[]): boolean {
  return (
    isIP(name) !== 0 ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    allowedHosts.includes(name)
  );
}

/** Returns the name in a `Host` header in lower case, without port and brackets. */
function hostName(header: string): string {
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header);
  return (name?.[1] ?? name?.[2] ?? header).toLowerCase();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_BODY_BYTES }, (error, plain) => {
      if (error === null) resolve(plain);
      else if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge());
      else
        reject(
          new ServiceError('InvalidRequestException', `the body is not gzip: ${error.message}`),
        );
    });
  });
}

function tooLarge(): ServiceError {
  return new ServiceError('RequestTooLargeException', `the body exceeds ${MAX_BODY_BYTES} bytes`);
}

function inputOf(body: Buffer): JsonObject {
  const text = body.toString('utf8');
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ServiceError(
      'InvalidRequestException',
      `the body is not JSON: ${(error as Error).message}`,
    );
  }
  const input = asObject(value);
  if (input === undefined)
    throw new ServiceError('InvalidRequestException', 'the body is not a JSON object');
  return input;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** Sends every error, including internal ones, in the format of the service; clients read no other. */
function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError('InternalServerError', `otel-xray: ${(error as Error)?.message ?? error}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.setHeader('x-amzn-errortype', known.type);
  // Unread bytes of the request must not be parsed as the next one.
  response.setHeader('connection', 'close');
  sendJson(response, known.status, known.body);
}
