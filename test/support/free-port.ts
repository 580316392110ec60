import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux, macOS and Windows choose for port 0 and for outgoing connections. */
const FIRST_PORT = 12_000;
const PORTS = 18_000;
/** Processes with consecutive ids get different ports. */
const PORTS_PER_PROCESS = 50;

let next = process.pid * PORTS_PER_PROCESS;

/**
 * Returns a port of 127.0.0.1 on which no process listens, neither on UDP nor on TCP. No other process gets it
 * by chance, so it stays free until a test listens on it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (next % PORTS);
    next += 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const server = createServer();
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
