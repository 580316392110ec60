import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readTraceRequest } from '../../src/otlp/read.ts';
import { startXRay } from '../../src/testing.ts';
import { entityId, framed, PATIENT, sendDatagrams, traceId } from '../support/local-xray.ts';

const SEGMENT = {
  trace_id: traceId(1),
  id: entityId(1),
  name: 'shop',
  start_time: 1_763_600_000,
  end_time: 1_763_600_000.25,
  fault: true,
  http: { request: { method: 'GET', url: 'http://shop/' }, response: { status: 500 } },
  annotations: { customer: 'c-1', n: 3 },
  cause: {
    exceptions: [
      {
        id: entityId(9),
        type: 'TypeError',
        message: 'no',
        stack: [{ path: 'a.js', line: 3, label: 'f' }],
      },
    ],
  },
  subsegments: [
    {
      id: entityId(2),
      name: 'SQS',
      namespace: 'aws',
      start_time: 1_763_600_000.1,
      end_time: 1_763_600_000.2,
      aws: { operation: 'SendMessage' },
    },
  ],
};

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'otel-xray-tees-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

async function start(options = {}) {
  const xray = await startXRay(options);
  onTestFinished(() => xray.close());
  return xray;
}

test('--forward: a daemon receives every message unchanged, those of the API with a header', async () => {
  const daemon = createSocket('udp4');
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
  onTestFinished(() => void daemon.close());
  const got: string[] = [];
  const three = new Promise<void>((resolve) => {
    daemon.on('message', (message) => {
      got.push(message.toString());
      if (got.length === 3) resolve();
    });
  });
  const xray = await start({ forward: { host: '127.0.0.1', port: daemon.address().port } });
  await sendDatagrams(xray.port, [framed(SEGMENT), 'not X-Ray']);
  await fetch(`${xray.url}/TraceSegments`, {
    method: 'POST',
    body: JSON.stringify({ TraceSegmentDocuments: ['{"id":1}'] }),
  });
  await three;
  expect(got.sort()).toEqual([framed(SEGMENT), framed({ id: 1 }), 'not X-Ray'].sort());
});

test('--forward to an unresolvable host reports once and stops nothing', async () => {
  const gone = createSocket('udp4');
  gone.bind(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address();
  gone.close();
  const xray = await start({ forward: { host: 'nobody.invalid', port } });
  const notices: string[] = [];
  const heard = new Promise((resolve) =>
    xray.on('notice', ({ message }) => resolve(notices.push(message))),
  );
  await sendDatagrams(xray.port, [framed(SEGMENT), framed({ ...SEGMENT, id: entityId(3) })]);
  await heard;
  await xray.waitFor(() => true, PATIENT);
  expect(notices).toEqual([expect.stringContaining(`--forward nobody.invalid:${port}: `)]);
});

test('--otlp: a viewer receives each finished span once', async () => {
  const bodies: string[] = [];
  let two: () => void = () => undefined;
  const both = new Promise<void>((resolve) => {
    two = resolve;
  });
  const viewer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(`${request.url} ${Buffer.concat(chunks)}`);
      response.end('{}');
      if (bodies.length === 2) two();
    });
  });
  viewer.listen(0, '127.0.0.1');
  await once(viewer, 'listening');
  onTestFinished(() => void viewer.close());
  const xray = await start({ otlp: `http://127.0.0.1:${(viewer.address() as AddressInfo).port}` });
  const first = new Promise<void>((resolve) => xray.on('trace', () => resolve()));
  await sendDatagrams(xray.port, [framed(SEGMENT)]);
  await first;
  const late = {
    trace_id: traceId(1),
    id: entityId(5),
    parent_id: entityId(2),
    name: 'queue',
    start_time: 1_763_600_000.15,
    end_time: 1_763_600_000.16,
  };
  await sendDatagrams(xray.port, [framed(late)]);
  await both;
  expect(bodies.every((body) => body.startsWith('/v1/traces {'))).toBe(true);
  const spans = bodies.flatMap((body) => readTraceRequest(body.slice(body.indexOf('{'))));
  expect(
    spans.map((each) => [
      each.name,
      each.kind,
      each.spanContext().spanId,
      each.parentSpanContext?.spanId,
      each.resource.attributes['service.name'],
    ]),
  ).toEqual([
    ['shop', 1, entityId(1), undefined, 'shop'],
    ['SQS', 2, entityId(2), entityId(1), 'shop'],
    ['queue', 1, entityId(5), entityId(2), 'queue'],
  ]);
  expect(spans[0]).toMatchObject({
    startTime: [1_763_600_000, 0],
    endTime: [1_763_600_000, 250_000_000],
    status: { code: 2 },
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 500,
      customer: 'c-1',
      n: 3,
    },
    events: [
      {
        name: 'exception',
        attributes: { 'exception.type': 'TypeError', 'exception.stacktrace': '    at f (a.js:3)' },
      },
    ],
  });
  expect(spans[0]?.spanContext().traceId).toBe(traceId(1).slice(2).replace('-', ''));
});

test('--record and --replay: the same traces, counts and problems', async () => {
  const file = join(folder(), 'record.jsonl');
  const first = await startXRay({ record: file });
  await sendDatagrams(first.port, [framed(SEGMENT), 'hello', Buffer.from([0xff, 0xfe, 0x00])]);
  await first.waitFor(() => first.counts().foreign >= 0 && first.counts().documents === 1, PATIENT);
  while (first.counts().foreign < 2) await new Promise(setImmediate);
  await first.close();
  expect(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => Object.keys(JSON.parse(line))),
  ).toEqual([
    ['at', 'text'],
    ['at', 'text'],
    ['at', 'base64'],
  ]);
  const second = await start();
  expect(await second.replay(file)).toBe(3);
  expect(second.counts()).toMatchObject({ documents: 1, foreign: 2 });
  expect(second.traces()).toMatchObject([{ id: traceId(1), fault: true }]);
});

test('--replay keeps U+2028 and U+2029 inside documents', async () => {
  const file = join(folder(), 'separators.jsonl');
  const text = framed({ ...SEGMENT, annotations: { note: 'a\u2028b\u2029c' } });
  writeFileSync(file, `${JSON.stringify({ at: 1, text })}\n`);
  const xray = await start();
  expect(await xray.replay(file)).toBe(1);
  expect(xray.traces()[0]?.documents[0]?.annotations).toEqual({ note: 'a\u2028b\u2029c' });
});

test('--replay names the line that is not a recording', async () => {
  const file = join(folder(), 'other.jsonl');
  writeFileSync(file, '{"at":1,"text":"x"}\n{"at":"x"}\n');
  const xray = await start();
  await expect(xray.replay(file)).rejects.toThrow(
    `--replay ${file}: line 2 is not part of a recording`,
  );
  await expect(xray.replay(`${file}.none`)).rejects.toThrow('ENOENT');
});
