import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endpointText } from '../../daemon-address.ts';

/** The port is in use or not allowed; the message tells what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/** Attempts to find a port that is free for TCP and UDP when `port` is 0. */
const ATTEMPTS = 20;
/** Requested size of the receive buffer; the kernel may grant less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Listens with TCP and UDP on one port.
 *
 * @param port 0 takes any port that is free for both
 * @throws {PortError} when the port is taken
 */
export async function listenBoth(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; readonly udp: Socket }> {
  for (let attempt = 1; ; attempt++) {
    const taken = await listenTcp(server, host, port);
    try {
      return { port: taken, udp: await bindUdp(host, taken) };
    } catch (error) {
      await new Promise((resolve) => server.close(resolve));
      if (port !== 0 || attempt === ATTEMPTS) throw portError(error, 'UDP', host, taken);
    }
  }
}

async function listenTcp(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, 'TCP', host, port);
  }
  return (server.address() as AddressInfo).port;
}

async function bindUdp(host: string, port: number): Promise<Socket> {
  const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', reuseAddr: false });
  try {
    udp.bind({ port, address: host, exclusive: true });
    await once(udp, 'listening');
  } catch (error) {
    udp.close();
    throw error;
  }
  try {
    udp.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The default size of the kernel is used.
  }
  return udp;
}

const ADVICE: Readonly<Record<string, (where: string) => string>> = {
  EADDRINUSE: (where) =>
    `${where} is in use, perhaps by an X-Ray daemon or another otel-xray dev. Stop it, or use another port: otel-xray dev --port 2001`,
  EACCES: (where) => `${where} is not permitted for this user. Use a port above 1023.`,
  EADDRNOTAVAIL: (where) => `${where} is not an address of this machine.`,
  ENOTFOUND: (where) => `${where} cannot be resolved.`,
};

function portError(error: unknown, protocol: string, host: string, port: number): PortError {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `${protocol} ${endpointText({ host, port })}`;
  return new PortError(ADVICE[code ?? '']?.(where) ?? `${where}: ${message}`, { cause: error });
}
