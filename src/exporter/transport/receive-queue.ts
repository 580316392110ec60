import type { Endpoint } from '../../daemon-address.ts';

/** What the kernel tells of the socket that receives our datagrams. */
export interface ReceiverState {
  /** Bytes of kernel memory that wait to be read; the socket takes about 213,000. */
  readonly waitingBytes: number;
  /** Datagrams thrown away since the socket was opened, of all senders. */
  readonly drops: number;
}

/** Looks at the receiving socket; `undefined` when it cannot be seen from here. */
export type LookAtReceiver = () => ReceiverState | undefined;

/** Reads a file from its start into the buffer, and says how much that was. */
export interface ProcFile {
  read(into: Buffer): number;
}

/** Sockets are lines of 128 bytes or a little more. */
const READ_BYTES = 64 * 1024;

/**
 * UDP gives a sender no sign that the receiver cannot keep up. When the daemon runs beside us, in
 * the same network namespace of a Linux (the usual ECS task, EC2 or Beanstalk host), the kernel
 * does: its table of UDP sockets shows how much waits and how much was lost.
 *
 * One look takes about 15 µs; the files are opened by the first.
 *
 * @param open opens a file of `/proc/net`; throws where there is none
 */
export function watchReceiver(
  { host, port }: Endpoint,
  open: (path: string) => ProcFile,
): LookAtReceiver | undefined {
  const paths = receiverTables(host);
  if (paths.length === 0) return undefined;
  let files: readonly ProcFile[] | undefined;
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  // "sl: local:port 0:0 state tx:rx …  drops", unconnected sockets only.
  const line = new RegExp(`:${hexPort} 0+:0000 \\w+ \\w+:(\\w+) .* (\\d+) *$`, 'm');
  let buffer: Buffer | undefined;
  return () => {
    buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    files ??= paths.flatMap((path) => opened(path, open));
    for (const file of files) {
      const [, waiting = '', drops] =
        line.exec(buffer.toString('latin1', 0, file.read(buffer))) ?? [];
      if (drops !== undefined) {
        return { waitingBytes: Number.parseInt(waiting, 16), drops: Number(drops) };
      }
    }
    return undefined;
  };
}

/** Nothing where there is no Linux, or no IPv6. */
function opened(path: string, open: (path: string) => ProcFile): readonly ProcFile[] {
  try {
    return [open(path)];
  } catch {
    return [];
  }
}

/** A daemon that listens on all addresses may have an IPv6 socket for IPv4 too. */
function receiverTables(host: string): readonly string[] {
  if (host === 'localhost' || host.startsWith('127.')) return ['/proc/net/udp', '/proc/net/udp6'];
  return host === '::1' ? ['/proc/net/udp6'] : [];
}
