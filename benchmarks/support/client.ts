import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CONNECTIONS = 8;
/**
 * Requests on their way in each connection. A server that answers one at a time wakes the client
 * with each answer, which costs it more than tracing does, and more the slower it is.
 */
const PIPELINED = 8;
/** What all connections ask at once. */
const AT_ONCE = CONNECTIONS * PIPELINED;

const REQUEST = 'GET /orders/17?page=2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const REQUESTS = Buffer.from(REQUEST.repeat(PIPELINED));

/** Asks a server for the same again and again. */
export interface Client {
  /** Asks at least so many times; resolves to how many, when all are answered. */
  ask(requests: number): Promise<number>;
}

/**
 * Connects to a server whose answers are all of one length, so that to count them costs next to
 * nothing on a machine whose processors the server needs.
 *
 * Ours and no load generator, because two servers that take turns have to be asked for some
 * milliseconds at a time: autocannon ends at the full second.
 */
export async function connectClient(port: number): Promise<Client> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)));
  const answerBytes = await bytesOfOneAnswer(sockets[0] as Socket);
  return {
    async ask(requests) {
      const times = Math.ceil(requests / AT_ONCE);
      await Promise.all(sockets.map((socket) => askAgain(socket, times, answerBytes * PIPELINED)));
      return times * AT_ONCE;
    },
  };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  return socket;
}

async function bytesOfOneAnswer(socket: Socket): Promise<number> {
  socket.write(REQUEST);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.length;
}

/** Sends a connection's requests so many times, each time when the ones before are answered. */
function askAgain(socket: Socket, times: number, answersBytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = times;
    let missing = answersBytes;
    const refuse = (): void => reject(new Error('the server closed a connection'));
    const read = (part: Buffer): void => {
      missing -= part.length;
      if (missing > 0) return;
      missing = answersBytes;
      left -= 1;
      if (left > 0) {
        socket.write(REQUESTS);
        return;
      }
      socket.off('data', read).off('close', refuse);
      resolve();
    };
    socket.on('data', read).once('close', refuse);
    socket.write(REQUESTS);
  });
}
