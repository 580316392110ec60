import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SamplingServer extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  readonly calls: readonly SeenCall[];
  /** Behavior for subsequent calls. */
  behave(by: (response: ServerResponse, call: SeenCall) => void): void;
  /** Resolves with the call of this index. */
  call(number: number): Promise<SeenCall>;
}

/** The TCP side of a daemon on a free loopback port, with selectable behavior. */
export async function samplingServer(
  behavior: (response: ServerResponse, call: SeenCall) => void = (response) => response.end('{}'),
): Promise<SamplingServer> {
  let current = behavior;
  const calls: SeenCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      calls.push(call);
      server.emit('call seen');
      current(response, call);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    calls,
    behave(by) {
      current = by;
    },
    async call(number) {
      while (calls.length <= number) await once(server, 'call seen');
      return calls[number] as SeenCall;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
