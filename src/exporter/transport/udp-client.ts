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
  return new DaemonSocket(endpoint, deps);
}

class DaemonSocket implements UdpClient {
  readonly #endpoint: Endpoint;
  readonly #deps: UdpClientDeps;
  /** For messages, e.g. `127.0.0.1:2000`. */
  readonly #name: string;
  /** The address if the host needs no look-up. */
  readonly #literal: ResolvedAddress | undefined;
  #socket: Socket | undefined;
  #address: string | undefined;
  #refreshAtMs = Number.NEGATIVE_INFINITY;
  #lookedUpAtMs = Number.NEGATIVE_INFINITY;
  #isResolving = false;
  #isClosed = false;
  #hasFailed = false;
  #isRefusing = false;
  /** When the first datagram after the last refusal was sent. */
  #probedAtMs: number | undefined;
  #nowMs: number;

  constructor(endpoint: Endpoint, deps: UdpClientDeps) {
    this.#endpoint = endpoint;
    this.#deps = deps;
    this.#name = endpointText(endpoint);
    this.#literal = literalAddress(endpoint.host);
    this.#nowMs = deps.now();
    this.refresh(this.#nowMs);
  }

  get open(): boolean {
    return this.#socket !== undefined;
  }

  get unavailable(): boolean {
    return this.#socket === undefined && this.#hasFailed;
  }

  get waiting(): number {
    return this.#socket?.getSendQueueCount() ?? 0;
  }

  send(bytes: Uint8Array, sent: SendCallback): void {
    if (this.#isRefusing) this.#probedAtMs ??= this.#nowMs;
    try {
      this.#socket?.send(bytes, sent);
    } catch (error) {
      process.nextTick(sent, error as NodeJS.ErrnoException);
    }
  }

  failed(error: NodeJS.ErrnoException): void {
    if (error.code !== 'ECONNREFUSED') return;
    this.#isRefusing = true;
    this.#probedAtMs = undefined;
    const name = this.#name;
    warnOnce(
      `nothing listens on udp ${name} (ECONNREFUSED); start the X-Ray daemon or set ` +
        'AWS_XRAY_DAEMON_ADDRESS; documents are held until then, up to OTEL_XRAY_HOLD_BYTES',
      `refused ${name}`,
    );
    if (this.#literal !== undefined) return;
    this.#refreshAtMs = Math.min(this.#refreshAtMs, this.#lookedUpAtMs + REFUSED_LOOKUP_MS);
  }

  refresh(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#isRefusing) this.#noteAccepted();
    if (nowMs < this.#refreshAtMs || this.#isResolving || this.#isClosed) return;
    if (this.#literal !== undefined) this.#open(this.#literal);
    else this.#lookUp();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Logs that the daemon is back when it has not refused a datagram for long enough. */
  #noteAccepted(): void {
    if (this.#probedAtMs === undefined || this.#nowMs - this.#probedAtMs <= BACK_AFTER_MS) return;
    this.#isRefusing = false;
    resetOnce(`refused ${this.#name}`);
    resetOnce(`back ${this.#name}`);
    infoOnce(`udp ${this.#name} accepts datagrams again`, `back ${this.#name}`);
  }

  #lookUp(): void {
    const { resolve } = this.#deps;
    this.#isResolving = true;
    this.#lookedUpAtMs = this.#nowMs;
    untraced(() => resolve(this.#endpoint.host)).then(
      (found) => this.#found(found),
      (error: Error) => this.#notFound(error),
    );
  }

  #found(found: ResolvedAddress): void {
    this.#isResolving = false;
    if (this.#isClosed) return;
    resetOnce(`look-up ${this.#name}`);
    if (found.address === this.#address) this.#refreshAtMs = this.#nextLookUpMs();
    // Callbacks of datagrams queued in the old socket would arrive after those of the new one.
    else if (this.waiting > 0) this.#refreshAtMs = this.#retryAtMs();
    else this.#open(found);
  }

  #notFound({ message }: Error): void {
    this.#isResolving = false;
    this.#hasFailed = true;
    this.#refreshAtMs = this.#retryAtMs();
    const name = this.#name;
    warnOnce(`cannot resolve ${name}: ${message}; trying again every 5 s`, `look-up ${name}`);
  }

  #nextLookUpMs(): number {
    return this.#deps.now() + (this.#deps.lookUpMs ?? LOOKUP_INTERVAL_MS);
  }

  #retryAtMs(): number {
    return this.#deps.now() + RETRY_MS;
  }

  #open(found: ResolvedAddress): void {
    try {
      this.#connect(found);
      this.#refreshAtMs =
        this.#literal === undefined ? this.#nextLookUpMs() : Number.POSITIVE_INFINITY;
      this.#deps.onOpen();
    } catch (error) {
      this.#hasFailed = true;
      this.#refreshAtMs = this.#retryAtMs();
      const { message } = error as Error;
      warnOnce(
        `cannot open a socket to udp ${this.#name}: ${message}; trying again every 5 s`,
        `socket ${this.#name}`,
      );
      this.#deps.onError(error as NodeJS.ErrnoException);
    }
  }

  #connect({ family, address }: ResolvedAddress): void {
    const { createSocket, onError } = this.#deps;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: literalLookup(family),
    });
    socket.on('error', (error) => {
      this.failed(error);
      onError(error);
    });
    socket.unref();
    socket.connect(this.#endpoint.port, address);
    try {
      socket.remoteAddress();
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#socket?.close();
    this.#socket = socket;
    this.#address = address;
    this.#hasFailed = false;
  }
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
