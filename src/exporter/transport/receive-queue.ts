import type { Endpoint } from '../../daemon-address.ts';

/** The kernel's data about the socket that receives our datagrams. */
export interface ReceiveQueueState {
  /** The kernel's number of the socket (its inode); a restarted daemon has another one. */
  readonly socketId: string;
  /** Kernel memory in bytes of datagrams that wait to be read; the socket's limit is about 213,000. */
  readonly waitingBytes: number;
  /** Datagrams, of any sender, that the kernel dropped since the socket was opened. */
  readonly drops: number;
}

/** Reads the state of the receiving socket; returns `undefined` if it is not visible from here. */
export type ReadReceiveQueue = () => ReceiveQueueState | undefined;

/** An open file of `/proc/net`. */
export interface ProcFile {
  /** Reads the file from its start into the buffer; returns the number of bytes read. */
  read(into: Buffer): number;
}

/** Each socket takes a line of about 128 bytes. */
const READ_BYTES = 64 * 1024;

/** Where the line of the daemon's socket was found, as offsets in a file. */
interface FoundLine {
  readonly file: ProcFile;
  readonly start: number;
  /** Offset after the line feed. */
  readonly end: number;
}

/**
 * Returns a function that reads the receive queue of the daemon's socket.
 *
 * UDP does not inform a sender that the receiver cannot keep up. Linux does if the daemon runs in
 * the same network namespace (the usual ECS task, EC2 or Beanstalk host): its table of UDP sockets
 * shows how much is unread and how much was dropped.
 *
 * The kernel visits a table with one slot for every 2 MB of the host's memory, so a reading takes 10 µs on a
 * small host and 100 µs on a large one. A repeated reading ends after the line that was found before. The first
 * one opens the files.
 *
 * @param open opens a file of `/proc/net`; throws if it does not exist
 * @returns `undefined` if the daemon is on another host
 * @see https://docs.kernel.org/networking/proc_net_tcp.html for the columns
 */
export function openReceiveQueueReader(
  { host, port }: Endpoint,
  open: (path: string) => ProcFile,
): ReadReceiveQueue | undefined {
  const paths = socketTables(host);
  if (paths.length === 0) return undefined;
  let files: readonly ProcFile[] | undefined;
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  // "sl: local:port 0:0 state tx:rx tr:when retransmits uid timeout inode ref pointer drops", of
  // unconnected sockets only.
  const line = new RegExp(
    `${localAddress(host)}:${hexPort} 0+:0000 \\w+ \\w+:(\\w+) \\S+ +\\S+ +\\d+ +\\d+ +(\\d+) .* (\\d+) *\\n`,
  );
  let buffer: Buffer | undefined;
  let found: FoundLine | undefined;
  const again = ({ file, start, end }: FoundLine) => {
    return stateOf(line.exec(readText(file, (buffer as Buffer).subarray(0, end), start)));
  };
  const find = (file: ProcFile) => {
    buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const text = readText(file, buffer);
    const match = line.exec(text);
    if (match === null) return undefined;
    const { index } = match;
    found = { file, start: text.lastIndexOf('\n', index) + 1, end: index + match[0].length };
    return stateOf(match);
  };
  return () => {
    const state = found && again(found);
    if (state !== undefined) return state;
    found = undefined;
    files ??= paths.flatMap((path) => openIfPresent(path, open));
    for (const file of files) {
      const first = find(file);
      if (first !== undefined) return first;
    }
    return undefined;
  };
}

function stateOf(match: RegExpExecArray | null): ReceiveQueueState | undefined {
  const [, waiting = '', socketId = '', drops] = match ?? [];
  if (drops === undefined) return undefined;
  return { socketId, waitingBytes: Number.parseInt(waiting, 16), drops: Number(drops) };
}

/** Returns the text of a table from `start` on; an empty one if the table can no longer be read. */
function readText(file: ProcFile, buffer: Buffer, start = 0): string {
  try {
    return buffer.toString('latin1', start, file.read(buffer));
  } catch {
    return '';
  }
}

/**
 * Matches how the tables show the local address of a socket that receives what is sent to the host:
 * this IPv4 address or all of them, in the byte order of the machine; any IPv6 address.
 */
function localAddress(host: string): string {
  const octets = (host === 'localhost' ? '127.0.0.1' : host).split('.').map(Number);
  if (octets.length !== 4) return '';
  const hex = octets.map((octet) => octet.toString(16).toUpperCase().padStart(2, '0'));
  return ` (?:${hex.toReversed().join('')}|${hex.join('')}|0{8}|\\w{32})`;
}

/** Returns an empty list on other systems than Linux, and for the IPv6 table without IPv6. */
function openIfPresent(path: string, open: (path: string) => ProcFile): readonly ProcFile[] {
  try {
    return [open(path)];
  } catch {
    return [];
  }
}

/** A daemon that listens on all addresses may use one IPv6 socket for IPv4 too. */
function socketTables(host: string): readonly string[] {
  if (host === 'localhost' || host.startsWith('127.')) return ['/proc/net/udp', '/proc/net/udp6'];
  return host === '::1' ? ['/proc/net/udp6'] : [];
}
