import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { requestOf } from './requests.ts';

const CONNECTIONS = 8;
/**
 * Pipelined requests per connection. A server that gets one request at a time wakes the client for each
 * response, which costs more than tracing, and more the slower the server is.
 */
const PIPELINED = 8;
/** Requests of all connections in one step. */
const AT_ONCE = CONNECTIONS * PIPELINED;
/** Different groups of pipelined requests: 320 requests. */
const GROUPS = 40;

/** Sends requests to a server. */
export interface Client {
  /** Sends at least that many requests; resolves with their number when all have responses. */
  ask(requests: number): Promise<number>;
}

/** Pipelined requests. */
interface Group {
  readonly requests: Buffer;
  readonly responseBytes: number;
}

/**
 * Connects to a server that answers the same request with the same number of bytes, so that counting
 * them uses almost no CPU time on a machine that the server needs.
 *
 * Not a load generator, because two alternating servers need load for some milliseconds at a time;
 * autocannon runs for whole seconds.
 */
export async function connectClient(port: number): Promise<Client> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));
  const groups = await groupsOf(sockets[0] as Socket);
  let next = 0;
  return {
    async ask(requests) {
      const times = Math.ceil(requests / AT_ONCE);
      const nextGroup = (): Group => groups[next++ % GROUPS] as Group;
      await Promise.all(sockets.map((socket) => askAgain(socket, times, nextGroup)));
      return times * AT_ONCE;
    },
  };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

/** Sends each request once, to measure its response. */
async function groupsOf(socket: Socket): Promise<readonly Group[]> {
  const groups: Group[] = [];
  for (let group = 0; group < GROUPS; group += 1) {
    const texts = Array.from({ length: PIPELINED }, (_, index) =>
      requestOf(group * PIPELINED + index),
    );
    let responseBytes = 0;
    for (const text of texts) responseBytes += await bytesOfResponse(socket, text);
    groups.push({ requests: Buffer.from(texts.join('')), responseBytes });
  }
  return groups;
}

/** @throws {Error} if the length of the response is not in its headers */
async function bytesOfResponse(socket: Socket, request: string): Promise<number> {
  socket.write(request);
  let text = '';
  while (!text.includes('\r\n\r\n')) {
    const [part] = (await once(socket, 'data')) as [Buffer];
    text += part.toString('latin1');
  }
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  if (length === undefined) throw new Error(`a response without content-length: ${text}`);
  const bytes = text.indexOf('\r\n\r\n') + 4 + Number(length);
  for (let received = text.length; received < bytes; ) {
    const [part] = (await once(socket, 'data')) as [Buffer];
    received += part.length;
  }
  return bytes;
}

/** Sends groups of requests on a connection, each after the responses to the one before. */
function askAgain(socket: Socket, times: number, nextGroup: () => Group): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = times;
    let missing = 0;
    const send = (): void => {
      const { requests, responseBytes } = nextGroup();
      missing = responseBytes;
      socket.write(requests);
    };
    const refuse = (): void => reject(new Error('the server closed a connection'));
    const read = (part: Buffer): void => {
      missing -= part.length;
      if (missing > 0) return;
      left -= 1;
      if (left > 0) {
        send();
        return;
      }
      socket.off('data', read).off('close', refuse);
      resolve();
    };
    socket.on('data', read).once('close', refuse);
    send();
  });
}
