import { readFile, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { DEFAULT_DAEMON, endpointText } from '../daemon-address.ts';
import { listenBoth } from './daemon/sockets.ts';
import { EventStream } from './event-stream.ts';
import { Events } from './events.ts';
import { documentsOfFile } from './export/trace-file.ts';
import { matches } from './filter/matches.ts';
import { parseFilter } from './filter/parse.ts';
import { indexTrace } from './filter/trace-index.ts';
import { createHttpServer } from './http.ts';
import { Ingester } from './ingest.ts';
import { asList, asObject, type JsonObject } from './json.ts';
import { logFilesOf } from './log-lines.ts';
import {
  datagramOf,
  forwardOutput,
  type Output,
  otlpOutput,
  recordOutput,
  replay,
} from './outputs.ts';
import { builtPage } from './page-files.ts';
import { pageHandler } from './pages.ts';
import { QuietPeriodTracker } from './quiet-period.ts';
import { createService } from './service/index.ts';
import { Store, type StoredTrace } from './store/store.ts';
import { assemble, type Trace } from './trace/assemble.ts';
import { type LocalTrace, localTrace } from './trace-view.ts';
import type { LocalXRay, LocalXRayEvents, LocalXRayOptions } from './types.ts';
import { waitFor } from './wait-for.ts';

export type { Counts } from './ingest.ts';
export type { Problem } from './problems.ts';
export type { LocalTrace } from './trace-view.ts';
export { traceTree } from './tree.ts';
export type { LocalXRay, LocalXRayEvents, LocalXRayOptions } from './types.ts';

const MIB = 1024 * 1024;
const DEFAULTS = {
  ...DEFAULT_DAEMON.udp,
  keep: 50_000,
  quietMs: 300,
  partialMs: 3_000,
  defaultRate: 1,
  maxRules: 25,
  account: '000000000000',
};
/** Wildcard addresses, and the loopback address that reaches them. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
const TICK_MS = 50;
/** Milliseconds per tick for stale traces; the rest of the time is for received messages. */
const REFRESH_MS = 10;
/** Maximum number of traces emitted per tick. */
const ANNOUNCED_AT_ONCE = 300;
/** Messages of a recording that are ingested before yielding to the event loop. */
const REPLAY_BATCH = 500;

/**
 * Starts the local X-Ray.
 *
 * @throws {PortError} when the port is taken
 * @throws {StoreError} when the store's file cannot be used, or Node is older than 22.13
 */
export async function startLocalXRay(given: LocalXRayOptions = {}): Promise<LocalXRay> {
  const options = { ...DEFAULTS, ...definedOf(given) };
  const { host } = options;
  const store = new Store(options.store ?? ':memory:', {
    traces: options.keep,
    bytes: options.keepBytes ?? (options.store === undefined ? 256 : 4096) * MIB,
  });
  const events = new Events<LocalXRayEvents>();
  const quietPeriods = new QuietPeriodTracker(options);
  const notify = (message: string): void => events.emit('notice', { message });
  const outputs = startOutputs(options, notify);
  const ingester = new Ingester(
    store,
    { strictAge: options.strictAge ?? false, strictSize: options.strictSize ?? false },
    {
      changed: (traceIds) => {
        const now = Date.now();
        for (const id of traceIds) quietPeriods.changed(id, now);
        events.emit('change', { traceIds });
      },
      problem: (problem) => events.emit('problem', problem),
      failed: ({ message }) => notify(`the store cannot be written: ${message}`),
    },
  );
  const stream = new EventStream();
  const service = createService(
    {
      store,
      ingester,
      now: () => Date.now() / 1000,
      region: options.region ?? process.env['AWS_REGION'] ?? 'us-east-1',
      account: options.account,
      rulesChanged: () => stream.send('rules', {}),
      arrived: (texts) => {
        for (const text of texts)
          for (const output of outputs.messages) output.send(datagramOf(text));
      },
    },
    {
      defaultRate: options.defaultRate,
      maxRules: options.maxRules,
      lateQuota: options.lateQuota ?? false,
    },
  );
  const ruleProblems = options.rules === undefined ? [] : service.sampling.load(options.rules);
  const startedAt = Date.now();
  const server = createHttpServer({
    api: (path, input) =>
      path === '/local/import' ? importDocuments(input, ingester) : service.handle(path, input),
    page: pageHandler({
      store,
      ingester,
      service,
      directory: options.pageDirectory ?? builtPage(),
      logFiles: options.logFiles ?? logFilesOf(process.env['OTEL_XRAY_LOG_GROUP']),
      status: () => ({ startedAt, store: options.store, ruleProblems }),
      subscribe: (response) => stream.add(response),
    }),
    allowedHosts: [host, ...(options.allowHosts ?? [])],
  });
  const { port, udp } = await listenBoth(server, options).catch(async (error: unknown) => {
    stream.close();
    await outputs.close();
    store.close();
    throw error;
  });
  udp.on('message', (datagram) => {
    ingester.datagram(datagram);
    for (const output of outputs.messages) output.send(datagram);
  });
  udp.on('error', (error) => notify(`UDP ${endpointText({ host, port })}: ${error.message}`));

  const read = (id: string): LocalTrace | undefined => {
    const stored = store.trace(id);
    return stored && localTrace(stored);
  };
  const announce = (now: number, limit: number): void => {
    const loaded = new Map<string, readonly [StoredTrace, Trace]>();
    const load = (id: string): readonly [StoredTrace, Trace] | undefined => {
      const stored = store.trace(id);
      if (stored !== undefined) loaded.set(id, [stored, assemble(id, stored.documents)]);
      return loaded.get(id);
    };
    for (const id of quietPeriods.takeQuiet(
      now,
      (each) => load(each)?.[1].partial === true,
      limit,
    )) {
      const [stored, trace] = loaded.get(id) ?? load(id) ?? [];
      if (stored === undefined) continue;
      for (const output of outputs.traces) output.send(trace as Trace);
      events.emit('trace', localTrace(stored, trace));
    }
  };
  events.on('trace', ({ documents: _, ...trace }) => stream.send('trace', trace));
  events.on('change', (change) => stream.send('change', change));
  events.on('problem', (problem) => stream.send('problem', problem));
  const ticker = setInterval(() => {
    try {
      announce(Date.now(), ANNOUNCED_AT_ONCE);
      store.refresh(REFRESH_MS);
    } catch (error) {
      notify(`the store cannot be read: ${(error as Error).message}`);
    }
  }, TICK_MS).unref();

  const matching = (filter: string): ((trace: { readonly id: string }) => boolean) => {
    const expression = parseFilter(filter, service.groups.lookup);
    return ({ id }) => {
      const stored = store.trace(id);
      return (
        stored !== undefined && matches(expression, indexTrace(assemble(id, stored.documents)))
      );
    };
  };
  const traces = (filter?: string): readonly LocalTrace[] => {
    ingester.flush();
    const takes = filter === undefined ? () => true : matching(filter);
    return store
      .traceIds()
      .filter((id) => takes({ id }))
      .map((id) => read(id) as LocalTrace);
  };

  const close = async (): Promise<void> => {
    clearInterval(ticker);
    ingester.flush();
    announce(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    stream.close();
    await Promise.all([
      new Promise<void>((resolve) => udp.close(resolve)),
      closeServer(server),
      outputs.close(),
    ]);
    store.close();
    events.clear();
  };
  const reachable = endpointText({ host: EVERY_ADDRESS[host] ?? host, port });
  let closing: Promise<void> | undefined;
  return {
    host,
    port,
    url: `http://${reachable}`,
    daemonAddress: reachable,
    traces,
    trace: (id) => {
      ingester.flush();
      return read(id);
    },
    waitFor: async (wanted, { timeoutMs = 5_000 } = {}) =>
      waitFor({
        events,
        traces,
        read,
        matches: typeof wanted === 'string' ? matching(wanted) : wanted,
        timeoutMs,
        counts: () => ingester.counts(),
      }),
    problems: () => ingester.problems(),
    counts: () => ingester.counts(),
    on: (event, listener) => events.on(event, listener),
    matcher: matching,
    open: async (file) => ingester.file(documentsOfFile(await readFile(file, 'utf8'))),
    replay: async (file, onProgress) => {
      let count = 0;
      let bytes = 0;
      const { size: totalBytes } = await stat(file);
      const onRead = (read: number): void => {
        bytes = read;
      };
      for await (const datagram of replay(file, onRead)) {
        ingester.datagram(datagram, 'replay');
        for (const output of outputs.forwards) output.send(datagram);
        count += 1;
        if (count % REPLAY_BATCH !== 0) continue;
        onProgress?.({ messages: count, bytes, totalBytes });
        await new Promise(setImmediate);
      }
      ingester.flush();
      return count;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

interface Outputs {
  /** Receive every message. */
  readonly messages: readonly Output<Buffer>[];
  /** Those that also receive replayed messages. */
  readonly forwards: readonly Output<Buffer>[];
  /** Receive traces after their quiet period. */
  readonly traces: readonly Output<Trace>[];
  close(): Promise<void>;
}

function startOutputs(
  { forward, record, otlp }: LocalXRayOptions,
  notify: (message: string) => void,
): Outputs {
  const traces = otlp === undefined ? [] : [otlpOutput(otlp, notify)];
  const forwards = forward === undefined ? [] : [forwardOutput(forward, notify)];
  const records = record === undefined ? [] : [recordOutput(record, notify, Date.now)];
  const messages = [...forwards, ...records];
  return {
    messages,
    forwards,
    traces,
    close: async () => {
      await Promise.all([...messages, ...traces].map((output) => output.close()));
    },
  };
}

/** Stores documents that the page has read from a file. */
function importDocuments({ Documents }: JsonObject, ingester: Ingester): object {
  const records = asList(Documents).flatMap((each) => {
    const record = asObject(each);
    return record === undefined ? [] : [record];
  });
  return { Stored: ingester.file(records) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function definedOf<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
