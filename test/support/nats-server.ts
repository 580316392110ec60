import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that speaks the protocol of NATS as far as clients need it to exchange messages. */
export interface NatsServer extends AsyncDisposable {
  readonly port: number;
}

interface Subscription {
  readonly client: Socket;
  readonly subject: string;
  readonly queue: string | undefined;
  readonly id: string;
  /** How many more messages it gets. */
  left: number;
}

interface Message {
  readonly subject: string;
  readonly reply: string | undefined;
  /** Length of the headers in `bytes`; 0 without headers. */
  readonly headersLength: number;
  readonly bytes: Buffer;
}

const INFO = {
  ...{ server_id: 'test', version: '2.11.0', proto: 1, max_payload: 2000 },
  ...{ headers: true, host: '127.0.0.1' },
};
const NO_RESPONDERS = Buffer.from('NATS/1.0 503\r\n\r\n');

/** @see https://docs.nats.io/reference/reference-protocols/nats-protocol */
export async function startNatsServer(): Promise<NatsServer> {
  const subscriptions = new Set<Subscription>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      clients.delete(client);
      for (const each of subscriptions) if (each.client === client) subscriptions.delete(each);
    });
    client.write(`INFO ${JSON.stringify({ ...INFO, port: client.localPort })}\r\n`);
    let unread: Buffer = Buffer.alloc(0);
    client.on('data', (data) => {
      unread = Buffer.concat([unread, data]);
      for (let used = handle(client, unread); used > 0; used = handle(client, unread)) {
        unread = unread.subarray(used);
      }
    });
  });

  /** Handles the first command. @returns its length; 0 if more data is needed */
  const handle = (client: Socket, data: Buffer): number => {
    const end = data.indexOf('\r\n');
    if (end < 0) return 0;
    const [command = '', ...words] = data.toString('utf8', 0, end).split(' ');
    const start = end + 2;
    const [first = '', second = ''] = words;
    switch (command) {
      case 'PING':
        client.write('PONG\r\n');
        return start;
      case 'SUB': {
        const queue = words.length === 3 ? second : undefined;
        const id = words.at(-1) as string;
        subscriptions.add({ client, subject: first, queue, id, left: Number.POSITIVE_INFINITY });
        return start;
      }
      case 'UNSUB':
        for (const each of subscriptions) {
          if (each.client !== client || each.id !== first) continue;
          if (second === '') subscriptions.delete(each);
          else each.left = Number(second);
        }
        return start;
      case 'PUB':
      case 'HPUB': {
        const sizes = command === 'PUB' ? 1 : 2;
        const size = Number(words.at(-1));
        if (data.length < start + size + 2) return 0;
        publish(client, {
          subject: first,
          reply: words.length === sizes + 2 ? second : undefined,
          headersLength: command === 'PUB' ? 0 : Number(words.at(-2)),
          bytes: Buffer.from(data.subarray(start, start + size)),
        });
        return start + size + 2;
      }
      default:
        return start;
    }
  };

  const publish = (client: Socket, message: Message): void => {
    const all = [...subscriptions].filter(({ subject }) => matches(subject, message.subject));
    // One subscription of each queue group.
    const receivers = all.filter(
      ({ queue }, at) =>
        queue === undefined || all.findIndex((other) => other.queue === queue) === at,
    );
    for (const receiver of receivers) deliver(receiver, message);
    if (receivers.length > 0 || message.reply === undefined) return;
    publish(client, {
      ...{ subject: message.reply, reply: undefined },
      ...{ headersLength: NO_RESPONDERS.length, bytes: NO_RESPONDERS },
    });
  };

  const deliver = (receiver: Subscription, message: Message): void => {
    const { subject, reply, headersLength, bytes } = message;
    const sizes = headersLength === 0 ? [bytes.length] : [headersLength, bytes.length];
    const words = [
      ...[headersLength === 0 ? 'MSG' : 'HMSG', subject, receiver.id],
      ...(reply === undefined ? [] : [reply]),
      ...sizes,
    ];
    receiver.client.write(Buffer.concat([Buffer.from(`${words.join(' ')}\r\n`), bytes, CRLF]));
    receiver.left -= 1;
    if (receiver.left <= 0) subscriptions.delete(receiver);
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const CRLF = Buffer.from('\r\n');

/** Whether a subject with wildcards (`*` one part, `>` the rest) covers another. */
function matches(pattern: string, subject: string): boolean {
  const parts = subject.split('.');
  const wanted = pattern.split('.');
  if (wanted.at(-1) === '>')
    return wanted.slice(0, -1).every(fits) && parts.length >= wanted.length;
  return parts.length === wanted.length && wanted.every(fits);

  function fits(part: string, at: number): boolean {
    return part === '*' || part === parts[at];
  }
}
