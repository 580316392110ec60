import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that an AWS client sent. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Response of the endpoint; 200 and `{}` by default. */
export interface AwsResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Closes the connection instead of answering. */
  readonly reset?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
}

/** An endpoint for AWS clients that records requests, on a free loopback port. */
export interface AwsEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly requests: AwsRequest[];
}

/** @param respond decides on the response; `attempt` counts all requests from 1 */
export async function startAwsEndpoint(
  respond: (request: AwsRequest, attempt: number) => AwsResponse = () => ({}),
): Promise<AwsEndpoint> {
  const requests: AwsRequest[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      const {
        status = 200,
        headers: more,
        body = '{}',
        reset,
        hang,
      } = respond(request, requests.length);
      if (reset === true) incoming.socket.destroy();
      else if (hang !== true) {
        const length = String(Buffer.byteLength(body));
        outgoing.writeHead(status, { 'x-amzn-requestid': 'R1', 'content-length': length, ...more });
        outgoing.end(body);
      }
    });
  });
  // A slow client may use a connection again after more than the five seconds of the default.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
