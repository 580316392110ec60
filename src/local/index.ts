import type { Server } from 'node:http';
import { type Endpoint, endpointText } from '../daemon-address.ts';
import { readMessage } from './daemon/message.ts';
import { listenBoth } from './daemon/sockets.ts';
import { EventStream } from './event-stream.ts';
import { Events } from './events.ts';
import { factsOf } from './filter/facts.ts';
import { matches } from './filter/matches.ts';
import { parseFilter } from './filter/parse.ts';
import { createHttpServer } from './http.ts';
import { type Counts, Intake } from './intake.ts';
import { pageHandler } from './pages.ts';
import type { Problem } from './problems.ts';
import { createService } from './service/index.ts';
import { SettleWatch } from './settle.ts';
import { Store } from './store/store.ts';
import { assemble } from './trace/assemble.ts';
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
  /** Rate of the sampling rule `Default`. Default 1: every request is shown; X-Ray's own is 0.05. */
  readonly defaultRate?: number | undefined;
  /** Sampling rules: what a file of `aws xray get-sampling-rules` holds. */
  readonly rules?: unknown;
  /** Custom sampling rules there may be. Default 25. */
  readonly maxRules?: number | undefined;
  /** Gives clients their quota with the second report only, as X-Ray may. Default false. */
  readonly lateQuota?: boolean | undefined;
  /** For ARNs. Default `AWS_REGION`, else `us-east-1`; and `000000000000`. */
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** Folder of the web page's files. */
  readonly pageDirectory?: string | undefined;
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
  /**
   * Every trace, or those that match a filter expression, the first to arrive first.
   *
   * @throws {FilterError} when the expression is none
   */
  traces(filter?: string): readonly LocalTrace[];
  trace(id: string): LocalTrace | undefined;
  /**
   * Waits for a trace that a filter expression or a function takes; one already here counts.
   *
   * @throws {Error} after `timeoutMs` (default 5000); the message says what has arrived
   */
  waitFor(
    matches: string | ((trace: LocalTrace) => boolean),
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
const REFRESH_MS = 10;

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
  const stream = new EventStream();
  const service = createService(
    {
      store,
      intake,
      now: () => Date.now() / 1000,
      region: options.region ?? process.env['AWS_REGION'] ?? 'us-east-1',
      account: options.account ?? '000000000000',
      rulesChanged: () => stream.send('rules', {}),
    },
    {
      defaultRate: options.defaultRate ?? 1,
      maxRules: options.maxRules ?? 25,
      lateQuota: options.lateQuota ?? false,
    },
  );
  const ruleProblems = options.rules === undefined ? [] : service.sampling.load(options.rules);
  const startedAt = Date.now();
  const server = createHttpServer({
    api: service.handle,
    page: pageHandler({
      store,
      intake,
      service,
      directory: options.pageDirectory,
      status: () => ({ startedAt, store: options.store, ruleProblems }),
      subscribe: (response) => stream.add(response),
    }),
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
  events.on('trace', ({ documents: _, ...trace }) => stream.send('trace', trace));
  events.on('change', (change) => stream.send('change', change));
  events.on('problem', (problem) => stream.send('problem', problem));
  const ticker = setInterval(() => {
    announce(Date.now());
    // In small pieces while there is time, so that a search finds little left to do.
    store.refresh(REFRESH_MS);
  }, SETTLE_TICK_MS).unref();
  const endpoint: Endpoint = { host, port };
  const matching = (filter: string): ((trace: { readonly id: string }) => boolean) => {
    const expression = parseFilter(filter, service.groups.lookup);
    return ({ id }) => {
      const stored = store.trace(id);
      return stored !== undefined && matches(expression, factsOf(assemble(id, stored.documents)));
    };
  };
  const traces = (filter?: string): readonly LocalTrace[] => {
    intake.flush();
    const takes = filter === undefined ? () => true : matching(filter);
    return store
      .traceIds()
      .filter((id) => takes({ id }))
      .map((id) => read(id) as LocalTrace);
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
    waitFor: async (wanted, { timeoutMs = 5_000 } = {}) =>
      waitFor({
        events,
        traces,
        read,
        matches: typeof wanted === 'string' ? matching(wanted) : wanted,
        timeoutMs,
        counts: () => intake.counts(),
      }),
    problems: () => intake.problems(),
    counts: () => intake.counts(),
    on: (event, listener) => events.on(event, listener),
    close: () => {
      closing ??= (async () => {
        clearInterval(ticker);
        intake.flush();
        announce(Number.POSITIVE_INFINITY);
        stream.close();
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
