import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '../../src/daemon-address.ts';
import { flatten } from '../../src/exporter/batch/nest.ts';
import { FRAME_HEADER } from '../../src/exporter/encode/frame.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';

/** A UDP receiver on loopback that stores all datagrams. */
export interface FakeDaemon extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Payloads as received. */
  readonly datagrams: readonly Buffer[];
  /** Returns the document of each datagram. Throws if one has no frame header or is not JSON. */
  documents(): readonly SegmentDocument[];
  /** Returns the documents, with nested ones extracted. */
  flat(): readonly SegmentDocument[];
  /** Resolves when the condition holds; checked after each datagram. */
  until(condition: (daemon: FakeDaemon) => boolean): Promise<void>;
  /** Resolves when everything that was sent before has arrived. */
  drained(): Promise<void>;
  /** Resolves when that many documents have arrived, including nested ones. */
  received(documents: number): Promise<void>;
  close(): Promise<void>;
}

export interface FakeDaemonOptions {
  readonly port?: number;
  readonly host?: string;
}

export async function startFakeDaemon(options: FakeDaemonOptions = {}): Promise<FakeDaemon> {
  const { host = '127.0.0.1', port = 0 } = options;
  const socket = createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    // As large as the kernel permits: this process may be too busy to read a burst.
    recvBufferSize: 1 << 22,
  });
  const datagrams: Buffer[] = [];
  let waiting: readonly (() => void)[] = [];
  const markers: (() => void)[] = [];
  socket.on('message', (message) => {
    // Datagrams on loopback keep their order, so an empty one comes behind all others.
    if (message.length === 0) return markers.shift()?.();
    datagrams.push(message);
    for (const look of waiting) look();
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  let closed = false;
  const flatCounts: number[] = [];

  const daemon: FakeDaemon = {
    endpoint: { host, port: (socket.address() as AddressInfo).port },
    datagrams,
    documents: () => datagrams.map(documentOf),
    flat: () => datagrams.flatMap((datagram) => flatten(documentOf(datagram))),
    drained: () =>
      new Promise((resolve) => {
        markers.push(resolve);
        socket.send('', daemon.endpoint.port, host);
      }),
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition(daemon)) return;
          waiting = waiting.filter((other) => other !== look);
          resolve();
        };
        waiting = [...waiting, look];
        look();
      }),
    received: (documents) =>
      daemon.until(() => {
        for (let index = flatCounts.length; index < datagrams.length; index += 1) {
          const before = flatCounts[index - 1] ?? 0;
          flatCounts.push(before + flatten(documentOf(datagrams[index] as Buffer)).length);
        }
        return (flatCounts.at(-1) ?? 0) >= documents;
      }),
    async close() {
      if (closed) return;
      closed = true;
      socket.close();
      await once(socket, 'close');
    },
    [Symbol.asyncDispose]: () => daemon.close(),
  };
  return daemon;
}

/** Removes the frame header as the real daemon does: at the first newline. */
export function documentOf(datagram: Buffer): SegmentDocument {
  const text = datagram.toString('utf8');
  if (!text.startsWith(FRAME_HEADER)) throw new Error(`no frame header: ${text.slice(0, 80)}`);
  return JSON.parse(text.slice(FRAME_HEADER.length)) as SegmentDocument;
}
