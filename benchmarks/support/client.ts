import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CONNECTIONS = 8;
/**
 * Pipelined requests per connection. A server that gets one request at a time wakes the client for each
 * response, which costs more than tracing, and more the slower the server is.
 */
const PIPELINED = 8;
/** Requests of all connections in one step. */
const AT_ONCE = CONNECTIONS * PIPELINED;

const REQUEST = 'GET /orders/17?page=2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const REQUESTS = Buffer.from(REQUEST.repeat(PIPELINED));

/** Repeats a request to a server. */
export interface Client {
  /** Sends at least that many requests; resolves with their number when all have responses. */
  ask(requests: number): Promise<number>;
}

/**
 * Connects to a server whose responses all have the same length, so that counting them uses almost no
 * CPU time on a machine that the server needs.
 *
 * Not a load generator, because two alternating servers need load for some milliseconds at a time;
 * autocannon runs for whole seconds.
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

/** Sends the requests of a connection repeatedly, each time after the previous responses. */
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
