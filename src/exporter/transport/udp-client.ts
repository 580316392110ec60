import type { Socket, SocketOptions } from 'node:dgram';
import { type Endpoint, endpointText } from '../../daemon-address.ts';
import { infoOnce, sayAgain, warnOnce } from '../../diagnostics.ts';
import { untraced } from '../../untraced.ts';

/**
 * Called with the error of one datagram, or with `null`: in the order in which they were sent, and
 * never before the present tick is over.
 */
export type Sent = (error: NodeJS.ErrnoException | null) => void;

/** One way to the daemon: what the runs need of a socket. */
export interface Link {
  /** Whether a datagram can be sent now. */
  readonly open: boolean;
  /** Datagrams that wait in the process because the kernel had no room. */
  readonly waiting: number;
  /** Sends at once, without blocking. Only when {@link open}; {@link failed} wants to know an error. */
  send(bytes: Uint8Array, sent: Sent): void;
  /** A datagram was not sent: when nobody listens, that is said, and the address is looked at again. */
  failed(error: NodeJS.ErrnoException): void;
  /** Looks whether the address is still right; cheap, to be called before each run. */
  refresh(nowMs: number): void;
  close(): void;
}

export interface LinkEnvironment {
  readonly createSocket: (options: SocketOptions) => Socket;
  /** Finds the address of a name; never called for an IP address or `localhost`. */
  readonly resolve: (host: string) => Promise<ResolvedAddress>;
  /** Milliseconds after which a name is looked up again. */
  readonly lookUpMs?: number;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** The link has become open. */
  readonly onOpen: () => void;
  /** An error that came without a datagram of its own, e.g. `ECONNREFUSED` from an ICMP answer. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A name is looked up again this long after the last look-up that succeeded. */
export const LOOK_UP_MS = 300_000;
/** And this long after one that failed. */
const RETRY_MS = 5_000;
/** When nobody listens at the address it is looked up at once, but not more often than this. */
const REFUSED_MS = 1_000;
/** A datagram was sent this long ago and nobody refused it: somebody listens again. */
const BACK_AFTER_MS = 1_000;

/**
 * A connected UDP socket to the daemon: a send costs no look-up, is done when `send` returns, and
 * learns that nobody listens. It never keeps the process alive.
 *
 * `lookup` calls back synchronously, so that `bind` and `connect` are over when `connect()`
 * returns and a datagram can be sent in the first tick of a process and in its last.
 */
export function openLink(endpoint: Endpoint, environment: LinkEnvironment): Link {
  const { createSocket, resolve, lookUpMs = LOOK_UP_MS, now, onOpen, onError } = environment;
  const name = endpointText(endpoint);
  const literal = literalAddress(endpoint.host);
  let socket: Socket | undefined;
  let address: string | undefined;
  let refreshAtMs = Number.NEGATIVE_INFINITY;
  let lookedUpAtMs = Number.NEGATIVE_INFINITY;
  let resolving = false;
  let closed = false;
  let refusing = false;
  /** When the first datagram after the last refusal was sent. */
  let triedAtMs: number | undefined;
  let nowMs = now();

  const waiting = (): number => socket?.getSendQueueCount() ?? 0;

  const connect = (found: ResolvedAddress): void => {
    const next = createSocket({
      type: found.family === 6 ? 'udp6' : 'udp4',
      lookup: asGiven(found.family),
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
  };

  const failed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'ECONNREFUSED') refused();
  };

  const refused = (): void => {
    refusing = true;
    triedAtMs = undefined;
    warnOnce(
      `nobody listens on udp ${name}: start the X-Ray daemon there or set AWS_XRAY_DAEMON_ADDRESS; ` +
        'spans sent until then are lost',
      `refused ${name}`,
    );
    if (literal === undefined) refreshAtMs = Math.min(refreshAtMs, lookedUpAtMs + REFUSED_MS);
  };

  const open = (found: ResolvedAddress): void => {
    try {
      connect(found);
      refreshAtMs = literal === undefined ? now() + lookUpMs : Number.POSITIVE_INFINITY;
      onOpen();
    } catch (error) {
      refreshAtMs = now() + RETRY_MS;
      warnOnce(`no socket to udp ${name}: ${(error as Error).message}`, `socket ${name}`);
      onError(error as NodeJS.ErrnoException);
    }
  };

  const refresh = (atMs: number): void => {
    nowMs = atMs;
    if (refusing && triedAtMs !== undefined && nowMs - triedAtMs > BACK_AFTER_MS) {
      refusing = false;
      sayAgain(`refused ${name}`);
      sayAgain(`back ${name}`);
      infoOnce(`udp ${name} takes datagrams again`, `back ${name}`);
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
        sayAgain(`look-up ${name}`);
        if (found.address === address) refreshAtMs = now() + lookUpMs;
        // The answers to what an old socket holds would come behind those of the new one.
        else if (waiting() > 0) refreshAtMs = now() + RETRY_MS;
        else open(found);
      },
      (error: Error) => {
        resolving = false;
        refreshAtMs = now() + RETRY_MS;
        warnOnce(`the address of ${name} is not known: ${error.message}`, `look-up ${name}`);
      },
    );
  };

  refresh(now());
  return {
    get open() {
      return socket !== undefined;
    },
    get waiting() {
      return waiting();
    },
    send(bytes, sent) {
      if (refusing) triedAtMs ??= nowMs;
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

/** For addresses: calls back at once, so that the socket is bound and connected at once. */
export function asGiven(family: 4 | 6): NonNullable<SocketOptions['lookup']> {
  return (host, options, callback) => {
    const done = typeof options === 'function' ? options : callback;
    done(null, host, family);
  };
}

/** The address when the host needs no look-up. */
function literalAddress(host: string): ResolvedAddress | undefined {
  if (host.includes(':')) return { address: host, family: 6 };
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return { address: host, family: 4 };
  return host === 'localhost' ? { address: '127.0.0.1', family: 4 } : undefined;
}
