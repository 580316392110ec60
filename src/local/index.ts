import type { Server } from 'node:http';
import { type Endpoint, endpointText } from '../daemon-address.ts';
import { readMessage } from './daemon/message.ts';
import { listenBoth } from './daemon/sockets.ts';
import { Events } from './events.ts';
import { createHttpServer } from './http.ts';
import { type Counts, Intake } from './intake.ts';
import type { Problem } from './problems.ts';
import { createService } from './service/index.ts';
import { SettleWatch } from './settle.ts';
import { Store } from './store/store.ts';
import { type LocalTrace, localTrace } from './trace-view.ts';

export type { Counts } from './intake.ts';
export type { Problem } from './problems.ts';
export type { LocalTrace } from './trace-view.ts';
export { traceTree } from './tree.ts';

export interface LocalXRayOptions {
  /** UDP and TCP; 0 takes a free one. Default 2000. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Path of an SQLite file that keeps the traces. Default: in memory only. */
  readonly store?: string | undefined;
  /** Traces kept; the oldest go first. Default 50,000. */
  readonly keep?: number | undefined;
  /** Bytes of documents kept. Default 256 MiB in memory, 4 GiB in a file. */
  readonly keepBytes?: number | undefined;
  /** Host names that requests may name besides `localhost` and IP addresses. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Milliseconds without a document after which a complete trace is announced. Default 300. */
  readonly quietMs?: number | undefined;
  /** The same for a trace with something in progress or missing. Default 3000. */
  readonly partialMs?: number | undefined;
}

export interface LocalXRayEvents {
  /** A trace has come to rest; again when more of it arrives. */
  readonly trace: LocalTrace;
  /** Something of these traces has arrived. */
  readonly change: { readonly traceIds: readonly string[] };
  readonly problem: Problem;
}

/** X-Ray on this machine: the daemon's socket, the service's API, and what arrived. */
export interface LocalXRay {
  readonly host: string;
  readonly port: number;
  /** Of the API and the page, e.g. `http://127.0.0.1:2000`. */
  readonly url: string;
  /** For `AWS_XRAY_DAEMON_ADDRESS`, e.g. `127.0.0.1:2000`. */
  readonly daemonAddress: string;
  /** Every trace, the first to arrive first. */
  traces(): readonly LocalTrace[];
  trace(id: string): LocalTrace | undefined;
  /**
   * Waits for a trace; one that is already here counts.
   *
   * @throws {Error} after `timeoutMs` (default 5000); the message says what has arrived
   */
  waitFor(
    matches: (trace: LocalTrace) => boolean,
    options?: { readonly timeoutMs?: number | undefined },
  ): Promise<LocalTrace>;
  /** Newest first. */
  problems(): readonly Problem[];
  counts(): Counts;
  /** @returns a function that takes the listener off again */
  on<Name extends keyof LocalXRayEvents>(
    event: Name,
    listener: (value: LocalXRayEvents[Name]) => void,
  ): () => void;
  /** Announces what has not come to rest yet, then closes sockets and store. Repeatable. */
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const DEFAULTS = { port: 2000, host: '127.0.0.1', keep: 50_000, quietMs: 300, partialMs: 3_000 };
const SETTLE_TICK_MS = 50;

/**
 * Starts the local X-Ray.
 *
 * @throws {PortError} when the port is taken
 * @throws {StoreError} when the store's file cannot be used, or Node is older than 22.13
 */
export async function startLocalXRay(options: LocalXRayOptions = {}): Promise<LocalXRay> {
  const host = options.host ?? DEFAULTS.host;
  const file = options.store ?? ':memory:';
  const store = new Store(file, {
    traces: options.keep ?? DEFAULTS.keep,
    bytes: options.keepBytes ?? (options.store === undefined ? 256 : 4096) * MIB,
  });
  const events = new Events<LocalXRayEvents>();
  const settle = new SettleWatch({
    quietMs: options.quietMs ?? DEFAULTS.quietMs,
    partialMs: options.partialMs ?? DEFAULTS.partialMs,
  });
  const intake = new Intake(store, {
    changed: (traceIds) => {
      const now = Date.now();
      for (const id of traceIds) settle.changed(id, now);
      events.emit('change', { traceIds });
    },
    problem: (problem) => events.emit('problem', problem),
  });
  const service = createService({ store, intake });
  const server = createHttpServer({
    api: service,
    page: () => false,
    allowedHosts: [host, ...(options.allowHosts ?? [])],
  });
  const { port, udp } = await listenBoth(server, {
    host,
    port: options.port ?? DEFAULTS.port,
  }).catch((error: unknown) => {
    store.close();
    throw error;
  });
  udp.on('message', (datagram) => intake.datagram(readMessage(datagram), datagram));
  udp.on('error', (error) => process.emitWarning(error));

  const read = (id: string): LocalTrace | undefined => {
    const stored = store.trace(id);
    return stored && localTrace(stored);
  };
  const announce = (now: number): void => {
    for (const id of settle.settled(now, (each) => read(each)?.partial === true)) {
      const trace = read(id);
      if (trace) events.emit('trace', trace);
    }
  };
  const ticker = setInterval(() => announce(Date.now()), SETTLE_TICK_MS).unref();
  const endpoint: Endpoint = { host, port };
  const traces = (): readonly LocalTrace[] => {
    intake.flush();
    return store.traceIds().map((id) => read(id) as LocalTrace);
  };

  let closing: Promise<void> | undefined;
  return {
    host,
    port,
    url: `http://${endpointText(endpoint)}`,
    daemonAddress: endpointText(endpoint),
    traces,
    trace: (id) => {
      intake.flush();
      return read(id);
    },
    waitFor: (matches, { timeoutMs = 5_000 } = {}) =>
      waitFor({ events, traces, read, matches, timeoutMs, counts: () => intake.counts() }),
    problems: () => intake.problems(),
    counts: () => intake.counts(),
    on: (event, listener) => events.on(event, listener),
    close: () => {
      closing ??= (async () => {
        clearInterval(ticker);
        intake.flush();
        announce(Number.POSITIVE_INFINITY);
        await Promise.all([
          new Promise<void>((resolve) => udp.close(resolve)),
          closeServer(server),
        ]);
        store.close();
        events.clear();
      })();
      return closing;
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function waitFor(input: {
  readonly events: Events<LocalXRayEvents>;
  readonly traces: () => readonly LocalTrace[];
  readonly read: (id: string) => LocalTrace | undefined;
  readonly matches: (trace: LocalTrace) => boolean;
  readonly timeoutMs: number;
  readonly counts: () => Counts;
}): Promise<LocalTrace> {
  const { events, traces, read, matches, timeoutMs, counts } = input;
  return new Promise((resolve, reject) => {
    const here = traces().find(matches);
    if (here) {
      resolve(here);
      return;
    }
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      off();
      settle();
    };
    const off = events.on('change', ({ traceIds }) => {
      try {
        const found = traceIds.map(read).find((trace) => trace !== undefined && matches(trace));
        if (found) end(() => resolve(found));
      } catch (error) {
        end(() => reject(error));
      }
    });
    const timer = setTimeout(() => {
      const { traces: number, documents, refused, foreign } = counts();
      const arrived = `${number} traces of ${documents} documents arrived, ${refused} documents were refused, ${foreign} messages were not X-Ray's`;
      end(() => reject(new Error(`no such trace within ${timeoutMs} ms; ${arrived}`)));
    }, timeoutMs);
  });
}
