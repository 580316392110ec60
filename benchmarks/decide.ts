/**
 * Measures one sampling decision, compared with the samplers of OpenTelemetry's contrib repository and,
 * if installed in `benchmarks/peers/adot`, of ADOT.
 *
 * CPU time, not wall time; subjects alternate in each round; medians. All subjects get rules and targets
 * from the same server on loopback.
 *
 *   npx node benchmarks/decide.ts [--json]
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { type Attributes, type Context, type Link, ROOT_CONTEXT } from '@opentelemetry/api';
import { xrayIdGenerator } from '../src/propagation/ids.ts';
import { XRaySampler } from '../src/sampler/index.ts';

interface Sampler {
  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: number,
    attributes: Attributes,
    links: Link[],
  ): { readonly decision: number };
}

interface Subject {
  readonly name: string;
  readonly sampler: Sampler;
  /** Sends a report now, if the subject supports it. */
  readonly report: () => Promise<void>;
}

interface Server {
  readonly url: string;
  rules: readonly unknown[];
  /** Status of the responses to SamplingTargets. */
  status: number;
  /** Sum of the requests in accepted reports. */
  accepted: number;
  /** Called when a report arrives, before the response. */
  onReport: () => void;
  close(): void;
}

const require = createRequire(import.meta.url);
const ids = xrayIdGenerator();

function rule(parts: Readonly<Record<string, unknown>>): unknown {
  const all = { ServiceName: '*', ServiceType: '*', Host: '*', HTTPMethod: '*', URLPath: '*' };
  const rest = { ResourceARN: '*', Version: 1, ReservoirSize: 1, FixedRate: 0.05, Attributes: {} };
  return { ...all, ...rest, ...parts };
}

/** Typical rules: a path, often a method, sometimes a host; then the default. */
function rules(count: number): readonly unknown[] {
  const own = Array.from({ length: count - 1 }, (_, i) =>
    rule({
      RuleName: `rule-${i}`,
      Priority: i + 1,
      URLPath: `/api/v1/resource-${i}/*`,
      HTTPMethod: i % 2 === 0 ? 'POST' : '*',
      Host: i % 3 === 0 ? '*.example.com' : '*',
    }),
  );
  return [...own, rule({ RuleName: 'Default', Priority: 10_000 })];
}

/** Start attributes of server spans from the current HTTP instrumentation. */
function requests(count: number, path: (i: number) => string): readonly Attributes[] {
  return Array.from({ length: count }, (_, i) => ({
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': path(i),
    'server.address': 'shop.example.com',
    'server.port': 8080,
    'client.address': '10.0.0.7',
    'network.peer.address': '10.0.0.7',
    'network.peer.port': 51234,
    'network.protocol.version': '1.1',
    'user_agent.original': 'Mozilla/5.0',
  }));
}

async function serve(): Promise<Server> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/GetSamplingRules') {
        const records = server.rules.map((SamplingRule) => ({ SamplingRule }));
        response.end(JSON.stringify({ SamplingRuleRecords: records }));
        return;
      }
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        SamplingStatisticsDocuments: { RequestCount: number }[];
      };
      server.onReport();
      response.statusCode = server.status;
      const documents = body.SamplingStatisticsDocuments;
      if (server.status === 200) {
        for (const { RequestCount } of documents) server.accepted += RequestCount;
      }
      const target = { RuleName: 'Default', FixedRate: 0.05, Interval: 10 };
      response.end(JSON.stringify({ SamplingTargetDocuments: [target], LastRuleModification: 0 }));
    });
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const server: Server = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    rules: [],
    status: 200,
    accepted: 0,
    onReport: () => {},
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
  return server;
}

interface PeerCore {
  readonly ruleCache: { readonly ruleAppliers: readonly unknown[] };
  getAndUpdateSamplingTargets(): void;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('a sampler did not get its rules');
    await pause(5);
  }
}

async function ours(server: Server): Promise<Subject> {
  let tick: () => void = () => {};
  const sampler = new XRaySampler({
    endpoint: server.url,
    deps: {
      // The first timer fetches the rules; the next one reports on demand.
      schedule: (run, delayMs) => {
        if (delayMs === 0) setTimeout(run, 0);
        else if (delayMs < 11_000) tick = run;
        return () => {};
      },
      clock: { wallMs: () => Date.now(), steadyMs: () => performance.now() + skippedMs },
    },
  });
  let skippedMs = 0;
  await until(() => sampler.explain({ url: '/' }).source === 'X-Ray');
  return {
    name: 'otel-xray',
    sampler,
    async report() {
      skippedMs += 10_000;
      tick();
      await pause(50);
    },
  };
}

async function peer(name: string, sampler: Sampler, core: PeerCore): Promise<Subject> {
  await until(() => core.ruleCache.ruleAppliers.length > 0);
  return {
    name,
    sampler,
    async report() {
      core.getAndUpdateSamplingTargets();
      await pause(50);
    },
  };
}

async function contrib(server: Server): Promise<Subject> {
  const { AWSXRayRemoteSampler } = await import('@opentelemetry/sampler-aws-xray');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const resource = resourceFromAttributes({ 'service.name': 'shop' });
  const sampler = new AWSXRayRemoteSampler({
    resource,
    endpoint: server.url,
    pollingInterval: 300,
  });
  const core = (sampler as unknown as { internalXraySampler: PeerCore }).internalXraySampler;
  return await peer('@opentelemetry/sampler-aws-xray 0.3.0', sampler as unknown as Sampler, core);
}

/** Loads ADOT from its folder; `undefined` if it is not installed. */
async function adot(server: Server): Promise<Subject | undefined> {
  const folder = process.env.PEER_ADOT ?? resolve(import.meta.dirname, 'peers/adot');
  const base = resolve(
    folder,
    'node_modules/@aws/aws-distro-opentelemetry-node-autoinstrumentation',
  );
  try {
    const { AwsXRayRemoteSampler } = require(
      `${base}/build/src/sampler/aws-xray-remote-sampler.js`,
    );
    const resource = { attributes: { 'service.name': 'shop' } };
    const sampler = new AwsXRayRemoteSampler({
      resource,
      endpoint: server.url,
      pollingInterval: 300,
    });
    const { version } = require(`${base}/package.json`) as { version: string };
    return await peer(`ADOT ${version}`, sampler, sampler._root._root as PeerCore);
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function subjects(server: Server): Promise<Subject[]> {
  const all = [await ours(server), await contrib(server), await adot(server)];
  return all.filter((subject) => subject !== undefined);
}

const NO_LINKS: Link[] = [];

function decide({ sampler }: Subject, all: readonly Attributes[], times: number): number {
  let sampled = 0;
  for (let i = 0; i < times; i += 1) {
    const attributes = all[i % all.length] as Attributes;
    const id = TRACE_IDS[i % TRACE_IDS.length] as string;
    sampled += sampler.shouldSample(ROOT_CONTEXT, id, 'GET', 1, attributes, NO_LINKS).decision;
  }
  return sampled;
}

const TRACE_IDS: readonly string[] = Array.from({ length: 1_000 }, () => ids.generateTraceId());

function cpuMicros(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const ROUND_MICROS = 30_000;
const ROUNDS = 9;

/** Nanoseconds of CPU time per decision, by subject. */
function measure(all: readonly Subject[], load: readonly Attributes[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const subject of all) {
    // Warmed up, and long enough for the resolution of the CPU clock.
    let count = 50;
    while (cpuMicros(() => decide(subject, load, count)) < ROUND_MICROS) count *= 2;
    times.set(subject.name, count);
  }
  const rounds = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const subject of all) {
      const count = times.get(subject.name) ?? 1;
      const micros = cpuMicros(() => decide(subject, load, count));
      rounds.get(subject.name)?.push((micros * 1000) / count);
    }
  }
  return new Map([...rounds].map(([name, list]) => [name, median(list)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Heap bytes per decision not to sample, without those of the measurement. */
function bytesEach({ sampler }: Subject, load: readonly Attributes[]): number {
  const id = `${'0'.repeat(24)}ffffffff`;
  const grown = (times: number): number => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < times; i += 1) {
      const attributes = load[i % load.length] as Attributes;
      sampler.shouldSample(ROOT_CONTEXT, id, 'GET', 1, attributes, NO_LINKS);
    }
    return process.memoryUsage().heapUsed - before;
  };
  grown(20_000);
  const often = (times: number) => median(Array.from({ length: 25 }, () => grown(times)));
  return Math.max(0, Math.round((often(200) - often(0)) / 200));
}

/** Requests made during a call and around a failed one, and how many of them were reported. */
async function lost(server: Server, subject: Subject): Promise<string> {
  await subject.report();
  server.accepted = 0;
  let made = 0;
  const request = (times: number) => {
    decide(
      subject,
      requests(1, () => '/'),
      times,
    );
    made += times;
  };
  request(3);
  server.onReport = () => request(3);
  await subject.report();
  server.onReport = () => {};
  request(4);
  server.status = 502;
  await subject.report();
  server.status = 200;
  request(1);
  await subject.report();
  await subject.report();
  return `${made - server.accepted} of ${made}`;
}

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly values: Readonly<Record<string, number | string>>;
}

async function main(): Promise<void> {
  const server = await serve();
  const rows: Row[] = [];
  const add = (what: string, unit: string, values: Map<string, number | string>) =>
    rows.push({ what, unit, values: Object.fromEntries(values) });
  const few = requests(64, (i) => `/static/page-${i}`);
  const many = requests(20_000, (i) => `/static/page-${i}`);
  for (const count of [1, 10, 100, 1_000]) {
    server.rules = rules(count);
    const all = await subjects(server);
    add(`${count} rules, the last one matches`, 'ns', measure(all, few));
    if (count === 100) add('100 rules, 20,000 different paths', 'ns', measure(all, many));
    if (count !== 10) continue;
    add(
      'heap per decision not to sample, 10 rules',
      'B',
      new Map(all.map((s) => [s.name, bytesEach(s, few)])),
    );
    const losses = new Map<string, string>();
    for (const subject of all) losses.set(subject.name, await lost(server, subject));
    add('requests that are never reported to X-Ray', '', losses);
  }
  // With one more `a`, the peers take a minute.
  server.rules = [rule({ RuleName: 'hostile', Priority: 1, URLPath: '*a*a*a*b' }), ...rules(1)];
  const hostile = requests(1, () => `/${'a'.repeat(200)}`);
  const all = await subjects(server);
  for (const subject of all) decide(subject, few, 5_000);
  const once = all.map(
    (s) => [s.name, Math.round(cpuMicros(() => decide(s, hostile, 1)))] as const,
  );
  add('*a*a*a*b for a path of 200 a, one decision', 'µs', new Map(once));
  server.close();
  print(rows);
  process.exit(0);
}

function print(rows: readonly Row[]): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ node: process.version, rows }, null, 2));
    return;
  }
  const names = Object.keys(rows[0]?.values ?? {});
  console.log(`Node ${process.version}; CPU time, medians of ${ROUNDS} rounds\n`);
  console.log(`| | ${names.join(' | ')} |`);
  console.log(`|---|${names.map(() => '---').join('|')}|`);
  const [first] = names;
  for (const { what, unit, values } of rows) {
    const cells = names.map((name) => {
      const value = values[name];
      if (typeof value !== 'number') return String(value);
      const base = values[first ?? ''];
      const ratio =
        name !== first && typeof base === 'number' && value > 0 ? base / value : undefined;
      const text = `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
      return ratio === undefined ? text : `${text} (ours: ${ratio.toFixed(4)})`;
    });
    console.log(`| ${what} | ${cells.join(' | ')} |`);
  }
}

await main();
