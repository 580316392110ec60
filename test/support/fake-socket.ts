import type { Socket, SocketOptions } from 'node:dgram';
import { EventEmitter } from 'node:events';

/** Control over the sockets that the exporter opens. */
export interface FakeNetwork {
  /** Replaces `dgram.createSocket`. */
  readonly createSocket: (options: SocketOptions) => Socket;
  /** Copies of all sent payloads, in order. */
  readonly sent: Buffer[];
  /** `address:port` that each socket connected to. */
  readonly connections: string[];
  /** Maximum payload size; longer ones fail with `EMSGSIZE`. */
  maxBytes: number;
  /** Error codes of the next sends. */
  readonly failures: string[];
  /** Resolves when so many payloads were sent. */
  received(payloads: number): Promise<void>;
  /** Datagrams that the kernel buffer had no space for. */
  waiting: number;
  /** Number of open sockets. */
  open: number;
  /** Makes the newest socket emit an error, as after an ICMP message. */
  report(code: string): void;
}

/** Returns sockets that send nothing and fail on demand. */
export function fakeNetwork(): FakeNetwork {
  let newest = new EventEmitter();
  const looks: (() => void)[] = [];
  const network: FakeNetwork = {
    sent: [],
    connections: [],
    maxBytes: 65_507,
    failures: [],
    waiting: 0,
    received: (payloads) =>
      new Promise((resolve) => {
        const look = () => {
          if (network.sent.length >= payloads) resolve();
          else looks.push(look);
        };
        look();
      }),
    open: 0,
    report: (code) => void newest.emit('error', codeError(code)),
    createSocket: () => {
      const socket = Object.assign(new EventEmitter(), {
        connect: (port: number, address: string) => {
          network.connections.push(`${address}:${port}`);
        },
        remoteAddress: () => ({}),
        unref: () => {},
        close: () => {
          network.open -= 1;
        },
        getSendQueueCount: () => network.waiting,
        send: (bytes: Uint8Array, sent: (error: Error | null) => void) => {
          const code = network.failures.shift() ?? (bytes.length > network.maxBytes && 'EMSGSIZE');
          if (!code) network.sent.push(Buffer.from(bytes));
          for (const look of looks.splice(0)) look();
          process.nextTick(sent, code ? codeError(code) : null);
        },
      });
      network.open += 1;
      newest = socket;
      return socket as unknown as Socket;
    },
  };
  return network;
}

function codeError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`send ${code}`), { code });
}
