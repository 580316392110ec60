import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addedToServer } from './support/app-memory.ts';
import { CHANNEL_SUITES } from './support/channels.ts';
import {
  addedToColdStart,
  addedToInvocation,
  firstFlush,
  invocationUntilArrival,
} from './support/cold-start.ts';
import { addedCpu, type Load } from './support/load.ts';
import { isQuick } from './support/quick.ts';
import { addedToShop, hasShop, type ShopCosts } from './support/shop-load.ts';
import { SPANS_PER_TRACE } from './support/shop-trace.ts';
import { arrived, type Sink } from './support/sink.ts';
import { addedByStart } from './support/start.ts';
import type { Suite } from './support/suite.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

const PEER_FOLDERS: Readonly<Record<string, string>> = {
  'ADOT UDP': 'adot',
  'ADOT register': 'adot',
  'ADOT fast start': 'adot',
  'ADOT SDK alone': 'adot',
  'ADOT SDK + UDP': 'adot',
  'X-Ray SDK': 'xray-sdk',
  'dd-trace': 'dd-trace',
};

/** Subjects that send one datagram per request; for others the number is unknown. */
const SENDS_ONE: ReadonlySet<string> = new Set(['otel-xray', 'send alone']);
/** Time without datagrams after which all have arrived. */
const LOOK_MS = 100;

/** Not measured in a quick run. */
const NOT_QUICK: ReadonlySet<string> = new Set(['no exporter', 'OTLP/HTTP protobuf']);

/** Returns the subjects of this run, without peers that are not installed. */
function installed(subjects: readonly string[]): readonly string[] {
  return subjects.filter((subject) => {
    if (isQuick && NOT_QUICK.has(subject)) return false;
    const folder = PEER_FOLDERS[subject];
    return folder === undefined || existsSync(join(here, 'peers', folder, 'node_modules'));
  });
}

/** Result of the script of a subject. */
interface Printed {
  readonly microseconds: number;
  /** Number of exported spans, if the script prints it. */
  readonly spans?: number;
}

async function scripted(file: string, subject: string, sink: Sink): Promise<number> {
  const { microseconds } = await printed(file, [subject, `${sink.udpPort}`, `${sink.httpPort}`]);
  sink.take();
  return microseconds;
}

/** @throws {Error} if datagrams were lost, because a datagram that the kernel drops costs less */
async function exported(subject: string, sink: Sink): Promise<number> {
  sink.take();
  const args = [subject, `${sink.udpPort}`, `${sink.httpPort}`];
  const { microseconds, spans = 0 } = await printed('export.ts', args);
  const received = await arrived(sink, LOOK_MS);
  const traces = SENDS_ONE.has(subject) ? spans / SPANS_PER_TRACE : 0;
  if (received < traces) throw new Error(`${subject}: ${received} datagrams of ${traces} traces`);
  return microseconds;
}

/** Runs a script, which prints the result as its last line. */
async function printed(file: string, args: readonly string[]): Promise<Printed> {
  const { stdout } = await run(process.execPath, [join(here, 'subjects', file), ...args]);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

/** Compares the exporter with and without the template cache, for spans of the given similarity. */
function templateCache(mix: string): Suite {
  return {
    name: `template-cache-${mix.replaceAll(' ', '-')}`,
    about: `CPU time of a span from the queue to its bytes with the template cache; ${mix} per name`,
    unit: 'µs per span',
    reference: 'off',
    must: 1.05,
    goal: 0.9,
    subjects: () => ['on', 'off'],
    measure: async (subject) => (await printed('template-cache.ts', [subject, mix])).microseconds,
  };
}

/** The same setup without its exporter. */
const WITHOUT_EXPORTER: Readonly<Record<string, string>> = {
  'otel-xray': 'otel-xray, no exporter',
  'send alone': 'otel-xray, no exporter',
  'ADOT SDK + UDP': 'ADOT SDK alone',
};

/** What was measured of the shop, in the order of the rounds. The rows of the shop share it. */
const shopCosts: Record<string, ShopCosts[]> = {};

/** Returns the measurement of a row of the shop, which starts the shop if no row has done so for the round. */
function measureShop(figure: (costs: ShopCosts) => number | undefined): Suite['measure'] {
  const rounds: Record<string, number> = {};
  return async (subject, sink) => {
    const round = rounds[subject] ?? 0;
    rounds[subject] = round + 1;
    shopCosts[subject] ??= [];
    shopCosts[subject][round] ??= await addedToShop(subject, sink);
    return figure(shopCosts[subject][round]) ?? Number.NaN;
  };
}

const shopSubjects = (): readonly string[] =>
  hasShop() ? installed(['otel-xray', 'ADOT register', 'dd-trace']) : [];

function underLoad(framework: string, subject: string, base = 'bare'): Load {
  return { framework, subject, base, datagrams: SENDS_ONE.has(subject) ? 1 : undefined };
}

export const SUITES: readonly Suite[] = [
  {
    name: 'export',
    about: 'CPU time per span from its end to the socket, with full translation of mixed spans',
    unit: 'µs per span',
    reference: 'ADOT UDP',
    must: 2.6,
    goal: 2,
    limits: 'times send alone',
    subjects: () => installed(['otel-xray', 'send alone', 'OTLP/HTTP protobuf', 'ADOT UDP']),
    measure: exported,
  },
  {
    name: 'trace',
    about: 'CPU time to create and send a trace of four spans',
    unit: 'µs per trace',
    reference: 'X-Ray SDK',
    must: 0.2,
    goal: 0.17,
    subjects: () => installed(['otel-xray', 'no exporter', 'X-Ray SDK', 'ADOT UDP', 'dd-trace']),
    measure: (subject, sink) => scripted('trace.ts', subject, sink),
  },
  ...(isQuick
    ? ['5 key sets', '64 key sets']
    : ['1 key set', '5 key sets', '16 key sets', '64 key sets']
  ).map(templateCache),
  ...CHANNEL_SUITES,
  {
    name: 'stop',
    about:
      'longest turn of the event loop while a burst of 160 traces is exported, beyond that of the same app without an exporter',
    unit: 'ms',
    reference: 'X-Ray SDK',
    must: 0.25,
    goal: 0.15,
    limits: 'units',
    subjects: () => installed(['otel-xray', 'OTLP/HTTP protobuf', 'ADOT UDP', 'X-Ray SDK']),
    measure: async (subject, sink) => {
      const without = await scripted('stops.ts', 'no exporter', sink);
      return ((await scripted('stops.ts', subject, sink)) - without) / 1_000;
    },
  },
  {
    name: 'http-export',
    about:
      'CPU time that exporting adds to a request of a `node:http` server, on top of SDK and instrumentation',
    unit: 'µs per request',
    reference: 'ADOT SDK + UDP',
    must: 2.2,
    goal: 1.8,
    limits: 'times send alone',
    subjects: () => installed(['otel-xray', 'send alone', 'ADOT SDK + UDP']),
    measure: (subject, sink) =>
      addedCpu(underLoad('http', subject, WITHOUT_EXPORTER[subject]), sink),
  },
  {
    name: 'http',
    about: 'CPU time that tracing adds to a request of a `node:http` server',
    unit: 'µs per request',
    reference: 'dd-trace',
    must: 0.9,
    goal: 0.75,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject, sink) => addedCpu(underLoad('http', subject), sink),
  },
  {
    name: 'express',
    about: 'CPU time that tracing adds to a request of an Express server with common middleware',
    unit: 'µs per request',
    reference: 'ADOT register',
    must: 0.2,
    goal: 0.15,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject, sink) => addedCpu(underLoad('express', subject), sink),
  },
  {
    name: 'shop',
    about:
      'CPU time that tracing adds to a request of an Express shop with PostgreSQL and Redis at 200 requests per second, once V8 has optimized it',
    unit: 'µs per request',
    reference: 'ADOT register',
    must: 0.5,
    goal: 0.3,
    subjects: shopSubjects,
    measure: measureShop(({ warm }) => warm.cpu),
  },
  {
    name: 'shop-p99',
    about: 'time that tracing adds to the 99th percentile of the response times of that shop',
    unit: 'ms',
    reference: 'ADOT register',
    must: 1,
    goal: 0.5,
    limits: 'units',
    subjects: shopSubjects,
    measure: measureShop(({ warm }) => warm.p99),
  },
  {
    name: 'shop-young',
    about:
      'CPU time that tracing adds to a request of that shop in the first half minute of a process, while V8 compiles',
    unit: 'µs per request',
    reference: 'ADOT register',
    must: 0.5,
    goal: 0.3,
    subjects: () => (isQuick ? [] : shopSubjects()),
    measure: measureShop(({ young }) => young?.cpu),
  },
  {
    name: 'start',
    about: 'time that tracing adds from start to exit of an app that loads `node:http`',
    unit: 'ms',
    reference: 'ADOT register',
    must: 0.09,
    goal: 0.06,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject) => addedByStart(subject, 'milliseconds'),
  },
  {
    name: 'memory',
    about: 'resident memory that tracing adds to the same app',
    unit: 'MB',
    reference: 'ADOT register',
    must: 0.2,
    goal: 0.15,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject) => addedByStart(subject, 'megabytes'),
  },
  {
    name: 'memory-express',
    about:
      'resident memory that tracing adds to an Express server after 6,400 requests at 1,000 per second',
    unit: 'MB',
    reference: 'ADOT register',
    must: 0.2,
    goal: 0.15,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: addedToServer,
  },
  {
    name: 'cold-start',
    about: 'time that tracing adds until the handler of a (simulated) Lambda function runs',
    unit: 'ms',
    reference: 'ADOT fast start',
    must: 0.12,
    goal: 0.08,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'ADOT fast start']),
    measure: addedToColdStart,
  },
  {
    name: 'flush',
    about: 'time that the first response of that function waits until its trace is sent',
    unit: 'ms',
    reference: 'ADOT fast start',
    must: 3,
    goal: 1,
    limits: 'units',
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'ADOT fast start']),
    measure: firstFlush,
  },
  {
    name: 'lambda-warm',
    about:
      'time that tracing adds to an invocation of that function once it is warm; the X-Ray SDK sends after the response',
    unit: 'µs',
    reference: 'ADOT register',
    must: 1,
    goal: 0.75,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register']),
    measure: addedToInvocation,
  },
  {
    name: 'lambda-sent',
    about:
      'duration of a warm invocation, without its handler, until the response is there and its trace has arrived',
    unit: 'µs',
    reference: 'X-Ray SDK',
    must: 0.8,
    goal: 0.6,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register']),
    measure: invocationUntilArrival,
  },
];
