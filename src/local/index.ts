import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { DEFAULT_DAEMON, endpointText } from '../daemon-address.ts';
import { Announcer } from './announcer.ts';
import { listenBoth } from './daemon/sockets.ts';
import { Events } from './events.ts';
import { documentsOfFile } from './export/trace-file.ts';
import { Ingester } from './ingest.ts';
import { asList, asObject, type JsonObject } from './json.ts';
import { datagramOf, type Outputs, openOutputs, replayInto } from './outputs.ts';
import { QuietPeriodTracker } from './quiet-period.ts';
import { EventStream } from './server/event-stream.ts';
import { createHttpServer } from './server/http.ts';
import { logFilesOf } from './server/log-lines.ts';
import { builtPage } from './server/page-files.ts';
import { pageHandler } from './server/pages.ts';
import { createService, type Service } from './service/index.ts';
import { Store } from './store/store.ts';
import { TraceReader } from './trace-reader.ts';
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

/**
 * Starts the local X-Ray.
 *
 * @throws {PortError} when the port is taken
 * @throws {StoreError} when the store's file cannot be used, or Node is older than 22.13
 */
export async function startLocalXRay(given: LocalXRayOptions = {}): Promise<LocalXRay> {
  const options = { ...DEFAULTS, ...definedOf(given) };
  const { host } = options;
  const parts = createParts(options);
  const { store, ingester, service, stream, outputs, events, reader, notify } = parts;
  const server = createServer(options, parts);
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
  const announcer = new Announcer({ ...parts, outputs: outputs.traces });
  announcer.start();

  const close = async (): Promise<void> => {
    announcer.stop();
    ingester.flush();
    announcer.announceAll();
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
  const matcher = (filter: string) => reader.matcher(filter, service.groups.lookup);
  const traces = (filter?: string) => {
    ingester.flush();
    return reader.traces(filter === undefined ? undefined : matcher(filter));
  };
  let closing: Promise<void> | undefined;
  return {
    host,
    port,
    url: `http://${reachable}`,
    daemonAddress: reachable,
    traces,
    trace: (id) => {
      ingester.flush();
      return reader.trace(id);
    },
    waitFor: async (wanted, { timeoutMs = 5_000 } = {}) =>
      waitFor({
        events,
        traces,
        read: (id) => reader.trace(id),
        matches: typeof wanted === 'string' ? matcher(wanted) : wanted,
        timeoutMs,
        counts: () => ingester.counts(),
      }),
    problems: () => ingester.problems(),
    counts: () => ingester.counts(),
    on: (event, listener) => events.on(event, listener),
    matcher,
    open: async (file) => ingester.file(documentsOfFile(await readFile(file, 'utf8'))),
    replay: (file, onProgress) => replayInto(ingester, outputs.forwards, file, onProgress),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

type Options = LocalXRayOptions & typeof DEFAULTS;

interface Parts {
  readonly store: Store;
  readonly reader: TraceReader;
  readonly quietPeriods: QuietPeriodTracker;
  readonly events: Events<LocalXRayEvents>;
  readonly outputs: Outputs;
  readonly ingester: Ingester;
  /** Passes events on to the page. */
  readonly stream: EventStream;
  readonly service: Service;
  readonly notify: (message: string) => void;
}

function createParts(options: Options): Parts {
  const store = new Store(options.store ?? ':memory:', {
    traces: options.keep,
    bytes: options.keepBytes ?? (options.store === undefined ? 256 : 4096) * MIB,
  });
  const events = new Events<LocalXRayEvents>();
  const quietPeriods = new QuietPeriodTracker(options);
  const notify = (message: string): void => events.emit('notice', { message });
  const outputs = openOutputs(options, notify);
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
  events.on('trace', ({ documents: _, ...trace }) => stream.send('trace', trace));
  events.on('change', (change) => stream.send('change', change));
  events.on('problem', (problem) => stream.send('problem', problem));
  const service = createLocalService(options, { store, ingester, stream, outputs });
  const reader = new TraceReader(store);
  return { store, reader, quietPeriods, events, outputs, ingester, stream, service, notify };
}

function createLocalService(
  options: Options,
  { store, ingester, stream, outputs }: Pick<Parts, 'store' | 'ingester' | 'stream' | 'outputs'>,
): Service {
  return createService(
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
}

/** Creates the server of the API and the page, and loads the sampling rules of the options. */
function createServer(options: Options, { store, ingester, service, stream }: Parts): Server {
  const ruleProblems = options.rules === undefined ? [] : service.sampling.load(options.rules);
  const startedAt = Date.now();
  return createHttpServer({
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
    allowedHosts: [options.host, ...(options.allowHosts ?? [])],
  });
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
