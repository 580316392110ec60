import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addedToColdStart, firstFlush } from './support/cold-start.ts';
import { addedCpu, type Load } from './support/load.ts';
import type { Sink } from './support/sink.ts';
import { addedByStart } from './support/start.ts';

/** One kind of work, done by several subjects. */
export interface Suite {
  readonly name: string;
  readonly about: string;
  readonly unit: string;
  /** What the others are compared with: `1` in the table. */
  readonly reference: string;
  /** Ours may cost at most this share of the reference, or this many units; docs/spec/performance.md. */
  readonly must: number;
  readonly goal: number;
  /** What `must` and `goal` count; `share` when left out. */
  readonly limits?: 'share' | 'units';
  subjects(): readonly string[];
  measure(subject: string, sink: Sink): Promise<number>;
}

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

/** Leaves out peers that are not installed. */
function installed(subjects: readonly string[]): readonly string[] {
  return subjects.filter((subject) => {
    const folder = PEER_FOLDERS[subject];
    return folder === undefined || existsSync(join(here, 'peers', folder, 'node_modules'));
  });
}

/** Runs a subject's script; it prints `{"microseconds": N}`. */
async function scripted(file: string, subject: string, sink: Sink): Promise<number> {
  const args = [join(here, 'subjects', file), subject, `${sink.udpPort}`, `${sink.httpPort}`];
  const { stdout } = await run(process.execPath, args);
  const { microseconds } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  sink.take();
  return microseconds ?? Number.NaN;
}

/** The same set-up without its exporter. */
const WITHOUT_EXPORTER: Readonly<Record<string, string>> = {
  'otel-xray': 'otel-xray, no exporter',
  'send alone': 'otel-xray, no exporter',
  'ADOT SDK + UDP': 'ADOT SDK alone',
};

/** Each request is one datagram of ours; what the others make of it is theirs. */
function underLoad(framework: string, subject: string, base = 'bare'): Load {
  const sendsOne = subject === 'otel-xray' || subject === 'send alone';
  return { framework, subject, base, datagrams: sendsOne ? 1 : undefined };
}

export const SUITES: readonly Suite[] = [
  {
    name: 'export',
    about: 'CPU time of a span from its end to the socket, full translation of mixed spans',
    unit: 'µs per span',
    reference: 'ADOT UDP',
    must: 0.35,
    goal: 0.22,
    subjects: () => installed(['otel-xray', 'send alone', 'OTLP/HTTP protobuf', 'ADOT UDP']),
    measure: (subject, sink) => scripted('export.ts', subject, sink),
  },
  {
    name: 'trace',
    about: 'CPU time of a four-span trace, made and sent',
    unit: 'µs per trace',
    reference: 'X-Ray SDK',
    must: 0.33,
    goal: 0.23,
    subjects: () => installed(['otel-xray', 'no exporter', 'X-Ray SDK', 'ADOT UDP', 'dd-trace']),
    measure: (subject, sink) => scripted('trace.ts', subject, sink),
  },
  {
    name: 'stop',
    about: 'longest turn of the event loop in a burst of 160 traces that are exported',
    unit: 'ms',
    reference: 'ADOT UDP',
    must: 0.5,
    goal: 0.2,
    limits: 'units',
    subjects: () =>
      installed(['otel-xray', 'no exporter', 'OTLP/HTTP protobuf', 'ADOT UDP', 'X-Ray SDK']),
    measure: async (subject, sink) => (await scripted('stops.ts', subject, sink)) / 1_000,
  },
  {
    name: 'http-export',
    about:
      'CPU time that exporting adds to a request of a `node:http` server, beyond SDK and http instrumentation',
    unit: 'µs per request',
    reference: 'ADOT SDK + UDP',
    must: 0.45,
    goal: 0.3,
    subjects: () => installed(['otel-xray', 'send alone', 'ADOT SDK + UDP']),
    measure: (subject, sink) =>
      addedCpu(underLoad('http', subject, WITHOUT_EXPORTER[subject]), sink),
  },
  {
    name: 'http',
    about: 'CPU time that a request to a `node:http` server costs more than without tracing',
    unit: 'µs per request',
    reference: 'ADOT register',
    must: 0.65,
    goal: 0.5,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject, sink) => addedCpu(underLoad('http', subject), sink),
  },
  {
    name: 'express',
    about:
      'CPU time that a request to an Express server with usual middleware costs more than without tracing',
    unit: 'µs per request',
    reference: 'ADOT register',
    must: 0.25,
    goal: 0.15,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject, sink) => addedCpu(underLoad('express', subject), sink),
  },
  {
    name: 'start',
    about: 'time from start to exit of an app that loads `node:http`, over the same app alone',
    unit: 'ms',
    reference: 'ADOT register',
    must: 0.11,
    goal: 0.08,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject) => addedByStart(subject, 'milliseconds'),
  },
  {
    name: 'memory',
    about: 'resident memory at the end of that start, over the same app alone',
    unit: 'MB',
    reference: 'ADOT register',
    must: 0.4,
    goal: 0.3,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'dd-trace']),
    measure: (subject) => addedByStart(subject, 'megabytes'),
  },
  {
    name: 'cold-start',
    about: 'time into the handler of a Lambda function (imitated), over the same function alone',
    unit: 'ms',
    reference: 'ADOT fast start',
    must: 0.2,
    goal: 0.13,
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'ADOT fast start']),
    measure: addedToColdStart,
  },
  {
    name: 'flush',
    about: 'time that the first answer of that function waits for its trace to leave',
    unit: 'ms',
    reference: 'ADOT fast start',
    must: 3,
    goal: 1,
    limits: 'units',
    subjects: () => installed(['otel-xray', 'X-Ray SDK', 'ADOT register', 'ADOT fast start']),
    measure: firstFlush,
  },
];
