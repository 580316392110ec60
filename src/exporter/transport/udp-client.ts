import type { Socket, SocketOptions } from 'node:dgram';
import { type Endpoint, endpointText } from '../../daemon-address.ts';
import { infoOnce, resetOnce, warnOnce } from '../../diagnostics.ts';
import { untraced } from '../../untraced.ts';

/**
 * Receives the error of one datagram, or `null`. Called in sending order, never within the tick of
 * the send.
 */
export type SendCallback = (error: NodeJS.ErrnoException | null) => void;

/** A connected UDP socket to the daemon. */
export interface UdpClient {
  /** Whether the socket is connected. */
  readonly open: boolean;
  /** Whether there is no socket because the last look-up or the last attempt to open one failed. */
  readonly unavailable: boolean;
  /** Datagrams that libuv queues because the kernel buffer is full. */
  readonly waiting: number;
  /** Sends without blocking. Call it only while {@link open}, and report an error to {@link failed}. */
  send(bytes: Uint8Array, sent: SendCallback): void;
  /** Reports a failed send. `ECONNREFUSED` logs one warning and looks up the host name again. */
  failed(error: NodeJS.ErrnoException): void;
  /** Looks up the host name when that is due. Cheap; call it before each slice. */
  refresh(nowMs: number): void;
  close(): void;
}

export interface UdpClientDeps {
  readonly createSocket: (options: SocketOptions) => Socket;
  /** Resolves a host name; never called with an IP address or `localhost`. */
  readonly resolve: (host: string) => Promise<ResolvedAddress>;
  /** Milliseconds between two look-ups of a host name. */
  readonly lookUpMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called when a socket is connected, also to a new address. */
  readonly onOpen: () => void;
  /** Called with an error that belongs to no send, e.g. `ECONNREFUSED` after an ICMP answer. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Default delay between a successful look-up and the next one. */
export const LOOKUP_INTERVAL_MS = 300_000;
/** Delay after a failed look-up. */
const RETRY_MS = 5_000;
/** Shortest time between two look-ups caused by `ECONNREFUSED`. */
const REFUSED_LOOKUP_MS = 1_000;
/** The daemon is back when a datagram was not refused for this long. */
const BACK_AFTER_MS = 1_000;

/**
 * Opens a connected UDP socket to the daemon. A send needs no look-up, has completed when `send`
 * returns, and fails with `ECONNREFUSED` when nothing listens. It does not keep the process alive.
 *
 * The socket's `lookup` calls back synchronously. So `bind` and `connect` have completed when
 * `connect()` returns, and datagrams can be sent in the first and in the last tick of a process.
 */
export function openUdpClient(endpoint: Endpoint, deps: UdpClientDeps): UdpClient {
  const { createSocket, resolve, lookUpMs = LOOKUP_INTERVAL_MS, now, onOpen, onError } = deps;
  const name = endpointText(endpoint);
  const literal = literalAddress(endpoint.host);
  let socket: Socket | undefined;
  let address: string | undefined;
  let refreshAtMs = Number.NEGATIVE_INFINITY;
  let lookedUpAtMs = Number.NEGATIVE_INFINITY;
  let resolving = false;
  let closed = false;
  let hasFailed = false;
  let refusing = false;
  /** When the first datagram after the last refusal was sent. */
  let probedAtMs: number | undefined;
  let nowMs = now();

  const waiting = (): number => socket?.getSendQueueCount() ?? 0;

  const connect = (found: ResolvedAddress): void => {
    const next = createSocket({
      type: found.family === 6 ? 'udp6' : 'udp4',
      lookup: literalLookup(found.family),
    });
    next.on('error', (error) => {
      failed(error);
      onError(error);
    });
    next.unref();
    next.connect(endpoint.port, found.address);
    try {
      next.remoteAddress();
    } catch (error) {
      next.close();
      throw error;
    }
    socket?.close();
    socket = next;
    address = found.address;
    hasFailed = false;
  };

  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ECONNREFUSED') refused();
  };

  const refused = (): void => {
    refusing = true;
    probedAtMs = undefined;
    warnOnce(
      `nothing listens on udp ${name} (ECONNREFUSED); start the X-Ray daemon or set ` +
        'AWS_XRAY_DAEMON_ADDRESS; documents are held until then, up to OTEL_XRAY_HOLD_BYTES',
      `refused ${name}`,
    );
    if (literal === undefined)
      refreshAtMs = Math.min(refreshAtMs, lookedUpAtMs + REFUSED_LOOKUP_MS);
  };

  const open = (found: ResolvedAddress): void => {
    try {
      connect(found);
      refreshAtMs = literal === undefined ? now() + lookUpMs : Number.POSITIVE_INFINITY;
      onOpen();
    } catch (error) {
      hasFailed = true;
      refreshAtMs = now() + RETRY_MS;
      warnOnce(
        `cannot open a socket to udp ${name}: ${(error as Error).message}; trying again every 5 s`,
        `socket ${name}`,
      );
      onError(error as NodeJS.ErrnoException);
    }
  };

  const refresh = (atMs: number): void => {
    nowMs = atMs;
    if (refusing && probedAtMs !== undefined && nowMs - probedAtMs > BACK_AFTER_MS) {
      refusing = false;
      resetOnce(`refused ${name}`);
      resetOnce(`back ${name}`);
      infoOnce(`udp ${name} accepts datagrams again`, `back ${name}`);
    }
    if (nowMs < refreshAtMs || resolving || closed) return;
    if (literal !== undefined) {
      open(literal);
      return;
    }
    resolving = true;
    lookedUpAtMs = nowMs;
    untraced(() => resolve(endpoint.host)).then(
      (found) => {
        resolving = false;
        if (closed) return;
        resetOnce(`look-up ${name}`);
        if (found.address === address) refreshAtMs = now() + lookUpMs;
        // Callbacks of datagrams queued in the old socket would arrive after those of the new one.
        else if (waiting() > 0) refreshAtMs = now() + RETRY_MS;
        else open(found);
      },
      (error: Error) => {
        resolving = false;
        hasFailed = true;
        refreshAtMs = now() + RETRY_MS;
        warnOnce(
          `cannot resolve ${name}: ${error.message}; trying again every 5 s`,
          `look-up ${name}`,
        );
      },
    );
  };

  refresh(now());
  return {
    get open() {
      return socket !== undefined;
    },
    get unavailable() {
      return socket === undefined && hasFailed;
    },
    get waiting() {
      return waiting();
    },
    send(bytes, sent) {
      if (refusing) probedAtMs ??= nowMs;
      try {
        socket?.send(bytes, sent);
      } catch (error) {
        process.nextTick(sent, error as NodeJS.ErrnoException);
      }
    },
    failed,
    refresh,
    close() {
      closed = true;
      socket?.close();
      socket = undefined;
    },
  };
}

/** Returns a `lookup` for IP addresses that calls back synchronously. */
export function literalLookup(family: 4 | 6): NonNullable<SocketOptions['lookup']> {
  return (host, options, callback) => {
    const done = typeof options === 'function' ? options : callback;
    done(null, host, family);
  };
}

/** Returns the address if the host needs no look-up. */
function literalAddress(host: string): ResolvedAddress | undefined {
  if (host.includes(':')) return { address: host, family: 6 };
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return { address: host, family: 4 };
  return host === 'localhost' ? { address: '127.0.0.1', family: 4 } : undefined;
}
