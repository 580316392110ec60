import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';

/** Receives and counts what the subjects send over UDP and HTTP. */
export interface Sink {
  readonly udpPort: number;
  readonly httpPort: number;
  /** Returns the counts since the last call. */
  take(): { readonly datagrams: number; readonly bytes: number; readonly posts: number };
  close(): void;
}

/** Large enough that the sink loses nothing; rate limiting is measured with the real daemon. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

export async function startSink(): Promise<Sink> {
  let count = { datagrams: 0, bytes: 0, posts: 0 };
  const udp: Socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  udp.on('message', (message) => {
    count.datagrams += 1;
    count.bytes += message.length;
  });
  udp.bind(0, '127.0.0.1');
  const http: Server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      count.bytes += chunk.length;
    });
    request.on('end', () => {
      count.posts += 1;
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  http.listen(0, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(http, 'listening')]);
  return {
    udpPort: udp.address().port,
    httpPort: (http.address() as AddressInfo).port,
    take() {
      const taken = count;
      count = { datagrams: 0, bytes: 0, posts: 0 };
      return taken;
    },
    close() {
      udp.close();
      http.close();
      http.closeAllConnections();
    },
  };
}

/** Waits until no more datagrams arrive for `lookMs`; returns their number. */
export async function arrived(sink: Sink, lookMs: number): Promise<number> {
  let all = 0;
  for (;;) {
    await passed(lookMs);
    const { datagrams, posts } = sink.take();
    if (datagrams + posts === 0) return all;
    all += datagrams;
  }
}
