import type { Agent } from 'node:http';
import type { Endpoint } from '../daemon-address.ts';
import { endpointText } from '../daemon-address.ts';
import { untraced } from '../untraced.ts';
import type { ReplyTime } from './server-time.ts';

/** Where the two calls go; the daemon, the CloudWatch agent or the collector's proxy answers them. */
export interface SamplingEndpoint extends Endpoint {
  /** In front of the paths of both calls, without a slash at its end; usually empty. */
  readonly basePath: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly time: ReplyTime;
}

/** One POST; rejects with an {@link Error} that says why there is no reply. */
export type Post = (path: string, body: string, limitMs: number) => Promise<Reply>;

export interface Client {
  readonly post: Post;
  /** Ends what is under way. */
  close(): void;
}

/** Returns a client to be used instead of the one for the daemon, e.g. one that calls X-Ray itself. */
export type MakeClient = (daemon: Client, wallMs: () => number) => Client;

const MAX_REPLY_BYTES = 1024 * 1024;
/** The daemon is near: who does not take a connection within a second is not there. */
const CONNECT_LIMIT_MS = 1_000;

/**
 * Reads the address of the sampling proxy: a URL, whose base path is kept, `host:port`, or a host
 * alone, which listens on 2000.
 *
 * @throws {TypeError} when it is neither; the message quotes the text
 */
export function parseSamplingEndpoint(text: string): SamplingEndpoint {
  const isUrl = text.includes('://');
  const url = isUrl ? text : `http://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.protocol !== 'http:' || parsed.hostname === '') {
    throw new TypeError(
      `no sampling endpoint: ${JSON.stringify(text)}; expected http://host:port or host:port`,
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port) || (isUrl || text.endsWith(':80') ? 80 : 2000),
    basePath: parsed.pathname.replace(/\/+$/, ''),
  };
}

/**
 * A client for the daemon's TCP proxy.
 *
 * It is not traced, shares no connection with the app, never keeps the process alive, and loads
 * `node:http` at the first call. The module comes straight from Node, so that polling alone does
 * not make the http instrumentation load.
 */
export function httpClient(endpoint: SamplingEndpoint, wallMs: () => number): Client {
  const underWay = new Set<() => void>();
  let agent: Agent | undefined;
  return {
    post(path, body, limitMs) {
      const http = process.getBuiltinModule('node:http');
      // One connection a call: nothing goes stale between two calls ten seconds apart.
      agent ??= new http.Agent({ keepAlive: false, maxSockets: 1 });
      const options = {
        agent,
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
      return new Promise<Reply>((resolve, reject) => {
        const request = untraced(() => http.request(options));
        const fail = (error: Error) => {
          done();
          request.destroy();
          reject(error);
        };
        const abort = () => fail(new Error('stopped'));
        const giveUp = (reason: string) => {
          if (underWay.has(abort)) fail(new Error(reason));
        };
        const cancels = [afterStall(limitMs, () => giveUp(`no reply within ${limitMs} ms`))];
        const done = () => {
          for (const cancel of cancels) cancel();
          underWay.delete(abort);
        };
        underWay.add(abort);
        request.on('socket', (socket) => {
          socket.unref();
          // A connection that is being made holds the process even so.
          const late = () => {
            if (socket.connecting) giveUp(`no connection within ${CONNECT_LIMIT_MS} ms`);
          };
          cancels.push(afterStall(CONNECT_LIMIT_MS, late));
        });
        request.on('error', fail);
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= MAX_REPLY_BYTES) chunks.push(chunk);
            else fail(new Error(`a reply of more than ${MAX_REPLY_BYTES} bytes`));
          });
          response.on('error', fail);
          response.on('aborted', () => fail(new Error('the reply was cut off')));
          response.on('end', () => {
            done();
            const serverMs = Date.parse(response.headers.date ?? '');
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              time: {
                serverSeconds: Number.isNaN(serverMs) ? undefined : serverMs / 1000,
                localSeconds: wallMs() / 1000,
              },
            });
          });
        });
        request.end(body);
      });
    },
    close() {
      for (const abort of underWay) abort();
      agent?.destroy();
    },
  };
}

/**
 * Runs a function when a time limit is over, after the events that lie ready by then: after a stall
 * of the event loop the reply may be among them. Returns what calls it off.
 */
function afterStall(limitMs: number, run: () => void): () => void {
  const timer = setTimeout(() => setImmediate(run), limitMs).unref();
  return () => clearTimeout(timer);
}
