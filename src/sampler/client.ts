import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { URL } from 'node:url';
import type { Endpoint } from '../daemon-address.ts';
import { DEFAULT_DAEMON, endpointText } from '../daemon-address.ts';
import { realHttp } from '../real-http.ts';
import { untraced } from '../untraced.ts';
import type { ReplyTime } from './server-time.ts';

/** Endpoint of the sampling API: the daemon, the CloudWatch agent or the collector's proxy. */
export interface SamplingEndpoint extends Endpoint {
  /** Prefix of both request paths, without a trailing slash. Usually empty. */
  readonly basePath: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly time: ReplyTime;
}

/** Sends a POST request. Rejects with an {@link Error} if there is no response. */
export type Post = (path: string, body: string, limitMs: number) => Promise<Reply>;

export interface Client {
  readonly post: Post;
  /** Aborts pending requests. */
  close(): void;
}

/** Returns a client that replaces the one for the daemon, e.g. one that calls the X-Ray API. */
export type MakeClient = (daemon: Client, wallMs: () => number) => Client;

const MAX_REPLY_BYTES = 1024 * 1024;
/** Time limit for connecting. The daemon is nearby, so a second is enough. */
const CONNECT_LIMIT_MS = 1_000;

/**
 * Parses the address of the sampling proxy: a URL, whose base path is kept, `host:port`, or a host,
 * with the daemon's default port.
 *
 * @throws {TypeError} if the address is invalid; the message quotes it
 */
export function parseSamplingEndpoint(text: string): SamplingEndpoint {
  const isUrl = text.includes('://');
  const url = isUrl ? text : `http://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.protocol !== 'http:' || parsed.hostname === '') {
    throw new TypeError(
      `invalid sampling endpoint: ${JSON.stringify(text)}; expected http://host:port or host:port`,
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port) || (isUrl || text.endsWith(':80') ? 80 : DEFAULT_DAEMON.tcp.port),
    basePath: parsed.pathname.replace(/\/+$/, ''),
  };
}

/**
 * Returns a client for the TCP proxy of the daemon.
 *
 * Its requests are not traced, use separate connections and never keep the process alive. `node:http`
 * is loaded at the first request, and without the instrumentation hooks, so that polling does not
 * load the http instrumentation.
 */
export function httpClient(endpoint: SamplingEndpoint, wallMs: () => number): Client {
  const underWay = new Set<() => void>();
  let agent: Agent | undefined;
  return {
    async post(path, body, limitMs) {
      const http = realHttp('http');
      // One connection per request: an idle connection could be closed between two requests.
      agent ??= new http.Agent({ keepAlive: false, maxSockets: 1 });
      const options = { agent, ...requestOptions(endpoint, path, body) };
      const request = untraced(() => http.request(options));
      const reply = replyTo(request, { limitMs, underWay, wallMs });
      request.end(body);
      return reply;
    },
    close() {
      for (const abort of underWay) abort();
      agent?.destroy();
    },
  };
}

function requestOptions(endpoint: SamplingEndpoint, path: string, body: string): RequestOptions {
  return {
    method: 'POST',
    host: endpoint.host,
    port: endpoint.port,
    path: endpoint.basePath + path,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      host: endpointText(endpoint),
    },
  };
}

interface PendingRequests {
  readonly limitMs: number;
  /** Functions that abort the requests without a response. */
  readonly underWay: Set<() => void>;
  readonly wallMs: () => number;
}

/** Resolves with the response; rejects, and destroys the request, if there is none in time. */
function replyTo(
  request: ClientRequest,
  { limitMs, underWay, wallMs }: PendingRequests,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      done();
      request.destroy();
      reject(error);
    };
    const abort = (): void => fail(new Error('stopped'));
    const giveUp = (reason: string): void => {
      if (underWay.has(abort)) fail(new Error(reason));
    };
    const cancels = [afterStall(limitMs, () => giveUp(`no response within ${limitMs} ms`))];
    const done = (): void => {
      for (const cancel of cancels) cancel();
      underWay.delete(abort);
    };
    underWay.add(abort);
    request.on('socket', (socket) => {
      socket.unref();
      // A connection attempt keeps the process alive even if the request is unreferenced.
      const late = (): void => {
        if (socket.connecting) giveUp(`no connection within ${CONNECT_LIMIT_MS} ms`);
      };
      cancels.push(afterStall(CONNECT_LIMIT_MS, late));
    });
    request.on('error', fail);
    request.on('response', (response) => {
      readBody(response, fail, (body) => {
        done();
        resolve({ status: response.statusCode ?? 0, body, time: timeOf(response, wallMs()) });
      });
    });
  });
}

/** Calls one of the two functions, with the text of the body or with the reason why there is none. */
function readBody(
  response: IncomingMessage,
  fail: (error: Error) => void,
  done: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_REPLY_BYTES) chunks.push(chunk);
    else fail(new Error(`the response has more than ${MAX_REPLY_BYTES} bytes`));
  });
  response.on('error', fail);
  response.on('aborted', () => fail(new Error('the response was cut off')));
  response.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
}

function timeOf({ headers }: IncomingMessage, localMs: number): ReplyTime {
  const serverMs = Date.parse(headers.date ?? '');
  return {
    serverSeconds: Number.isNaN(serverMs) ? undefined : serverMs / 1000,
    localSeconds: localMs / 1000,
  };
}

/**
 * Calls a function after a time limit, but after pending events: if the event loop was blocked, the
 * response may be one of them. Returns a function that cancels the call.
 */
function afterStall(limitMs: number, run: () => void): () => void {
  const timer = setTimeout(() => setImmediate(run), limitMs).unref();
  return () => clearTimeout(timer);
}
