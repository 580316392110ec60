/**
 * Measures the local X-Ray: start, datagrams at a constant rate, search over a million segments.
 *
 * `node benchmarks/local.ts [segments] [seconds]`, by default 1000000 and 5.
 */
import { fork, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { FRAME_HEADER } from '../src/exporter/encode/frame.ts';
import { parseFilter } from '../src/local/filter/parse.ts';
import { startLocalXRay } from '../src/local/index.ts';
import { keysOf, search } from '../src/local/search.ts';
import { Graph } from '../src/local/service/graph.ts';
import { type NewDocument, Store } from '../src/local/store/store.ts';

const SEGMENTS_PER_TRACE = 4;
const ROUTES = ['cart', 'orders', 'users', 'search', 'pay'];
const START = 1_763_600_000;

/** Returns the documents of a trace: a service, its call, and the called service; one in 50 has a fault. */
function documentsOf(number: number): readonly Record<string, unknown>[] {
  const trace_id = `1-${(0x691e66c0 + (number % 3600)).toString(16)}-${number.toString(16).padStart(24, '0')}`;
  const id = (part: number) => (number * 16 + part).toString(16).padStart(16, '0');
  const start = START + number / 100;
  const route = ROUTES[number % ROUTES.length];
  const fault = number % 50 === 0;
  const http = (url: string) => ({
    request: { method: number % 3 === 0 ? 'POST' : 'GET', url, user_agent: 'curl/8.5' },
    response: { status: fault ? 500 : 200 },
  });
  const subsegment = (part: number, name: string, from: number, to: number, more: object) => ({
    trace_id,
    id: id(part),
    parent_id: id(2),
    type: 'subsegment',
    name,
    start_time: start + from,
    end_time: start + to,
    ...more,
  });
  return [
    {
      trace_id,
      id: id(0),
      name: 'front',
      start_time: start,
      end_time: start + 0.1 + (number % 100) / 100,
      origin: 'AWS::ECS::Container',
      ...(fault ? { fault: true } : {}),
      http: http(`https://shop.example.com/${route}/${number}`),
      user: `user-${number % 5000}`,
      annotations: { route, customer: `c-${number}`, items: number % 7 },
      subsegments: [
        {
          id: id(1),
          name: `${route}.internal`,
          namespace: 'remote',
          start_time: start + 0.01,
          end_time: start + 0.09,
          http: http(`http://${route}.internal/`),
        },
      ],
    },
    {
      trace_id,
      id: id(2),
      parent_id: id(1),
      name: `${route}-service`,
      start_time: start + 0.02,
      end_time: start + 0.08,
      http: http(`http://${route}.internal/`),
    },
    subsegment(3, 'DynamoDB', 0.03, 0.05, {
      namespace: 'aws',
      aws: { operation: 'GetItem', table_name: `${route}-table` },
    }),
    subsegment(4, 'render', 0.05, 0.07, {}),
  ];
}

const EXPRESSIONS = [
  '',
  'fault',
  '!ok AND http.method = "POST"',
  'responsetime > 1.05',
  'annotation.customer = "c-4711"',
  'annotation.customer CONTAINS "-4711"',
  'annotation.items > 5 AND service("pay-service") { fault }',
  'user = "user-77"',
  'http.url CONTAINS "/orders/1234"',
  'service("nobody")',
  'edge("front", "cart-service") { fault }',
  '!service("front")',
  'rootcause.fault',
  'service() { responsetime > 1.08 }',
];

async function searchIn(segments: number): Promise<void> {
  const store = new Store(':memory:', { traces: 1e9, bytes: 1e12 });
  const traces = segments / SEGMENTS_PER_TRACE;
  const began = performance.now();
  let batch: NewDocument[] = [];
  for (let number = 0; number < traces; number++) {
    for (const record of documentsOf(number)) {
      const { trace_id: traceId, id } = record as { trace_id: string; id: string };
      batch.push({ traceId, id, record, body: JSON.stringify(record), via: 'udp' });
    }
    if (batch.length >= 2_000) {
      store.put(batch, START);
      store.refresh();
      batch = [];
    }
  }
  store.put(batch, START);
  store.refresh();
  const seconds = (performance.now() - began) / 1000;
  const { documents } = store.size;
  print(
    `store and index ${documents} segments of ${store.size.traces} traces`,
    `${(documents / seconds).toFixed(0)} segments/s`,
  );
  for (const text of EXPRESSIONS) {
    const expression = parseFilter(text);
    const range = { from: START - 1, to: START + traces, by: 'start' as const };
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round < 5; round++) {
      const at = performance.now();
      found = 0;
      for await (const _ of search(store, { range, expression })) if (++found === 100) break;
      times.push(performance.now() - at);
    }
    const median = times.sort((a, b) => a - b)[2] ?? 0;
    const name = text === '' ? '(everything)' : text;
    print(`search ${name}`, `${median.toFixed(1)} ms, ${found} on the first page`);
  }
  const at = performance.now();
  const graph = new Graph();
  let summed = 0;
  for await (const key of keysOf(store, { from: START - 1, to: START + traces, by: 'active' })) {
    const contribution = store.contribution(key);
    if (contribution) graph.add(contribution);
    summed += 1;
  }
  const nodes = graph.services().length;
  print(`map of ${summed} traces`, `${(performance.now() - at).toFixed(0)} ms, ${nodes} nodes`);
  store.close();
}

/** Runs the built command; needs `npm run build`. */
async function startUp(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const at = performance.now();
    const child = spawn(process.execPath, ['dist/cli.cjs', 'dev', '--port', '0'], {
      cwd: resolve(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    if (!String(line[0]).includes('X-Ray at')) throw new Error('otel-xray dev did not start');
    times.push(performance.now() - at);
    child.kill();
  }
  const median = times.sort((a, b) => a - b)[3] ?? 0;
  print('otel-xray dev: start of the process to listening', `${median.toFixed(0)} ms, median of 7`);
}

async function arriving(perSecond: number, seconds: number): Promise<void> {
  const xray = await startLocalXRay({ port: 0 });
  const sender = fork(import.meta.filename, [
    '--send',
    ...[xray.port, perSecond, seconds].map(String),
  ]);
  const sent = await new Promise<number>((resolve) => {
    sender.once('message', (message) => resolve(message as number));
  });
  await after(500);
  print(
    `datagrams at ${perSecond}/s for ${seconds} s`,
    `${xray.counts().received} of ${sent} arrived`,
  );
  await xray.close();
}

/** Sends at a constant rate, a few datagrams per millisecond. */
async function send(port: number, perSecond: number, seconds: number): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
  const began = performance.now();
  let sent = 0;
  for (let number = 1; sent < perSecond * seconds; ) {
    const due = Math.min(((performance.now() - began) / 1000) * perSecond, sent + 200);
    while (sent < due) {
      for (const document of documentsOf(number)) {
        socket.send(FRAME_HEADER + JSON.stringify(document));
      }
      sent += SEGMENTS_PER_TRACE;
      number += 1;
    }
    await after(1);
  }
  await after(100);
  socket.close();
  process.send?.(sent);
}

function print(what: string, result: string): void {
  process.stdout.write(`${what.padEnd(64)} ${result}\n`);
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--send') {
  const [port = 0, perSecond = 0, seconds = 0] = rest.map(Number);
  await send(port, perSecond, seconds);
  process.disconnect?.();
} else {
  print(`Node ${process.version}`, `${process.platform} ${process.arch}`);
  await startUp();
  await arriving(5_000, Number(rest[0] ?? 5));
  await searchIn(Number(first ?? 1_000_000));
}
