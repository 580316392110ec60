import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { startXRay, type XRayFixture } from '../../src/testing.ts';
import { entityId, framed, PATIENT, sendDatagrams, traceId } from '../support/local-xray.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Sends a raw request with the headers of the test. */
function ask(
  xray: XRayFixture,
  path: string,
  {
    method = 'POST',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: xray.port, path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function start(options = {}): Promise<XRayFixture> {
  const xray = await startXRay(options);
  onTestFinished(() => xray.close());
  return xray;
}

const SEGMENT = {
  trace_id: traceId(1),
  id: entityId(1),
  name: 'shop',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
};

test.for([
  { rule: 'an empty body without Content-Type', options: {} },
  { rule: 'a body without Content-Type', options: { body: '{}' } },
  {
    rule: 'a body of another Content-Type',
    options: { body: '{}', headers: { 'content-type': 'application/x-amz-json-1.1' } },
  },
  {
    rule: 'a gzip body',
    options: { body: gzipSync('{}'), headers: { 'content-encoding': 'gzip' } },
  },
])('the API takes $rule', async ({ options }) => {
  const xray = await start();
  const { status, headers, text } = await ask(xray, '/GetSamplingRules', options);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(text).SamplingRuleRecords).toHaveLength(1);
});

test.for([
  {
    rule: 'an unknown path',
    path: '/Nothing',
    options: {},
    status: 404,
    type: 'UnknownOperationException',
  },
  {
    rule: 'an operation of X-Ray that is not here',
    path: '/Insight',
    options: {},
    status: 501,
    type: 'NotImplementedException',
  },
  {
    rule: 'another method',
    path: '/GetSamplingRules',
    options: { method: 'PUT' },
    status: 404,
    type: 'UnknownOperationException',
  },
  {
    rule: 'a page that is not there',
    path: '/nothing.js',
    options: { method: 'GET' },
    status: 404,
    type: 'UnknownOperationException',
  },
  {
    rule: 'a body that is not JSON',
    path: '/GetSamplingRules',
    options: { body: '{' },
    status: 400,
    type: 'InvalidRequestException',
  },
  {
    rule: 'a body that is a list',
    path: '/GetSamplingRules',
    options: { body: '[]' },
    status: 400,
    type: 'InvalidRequestException',
  },
  {
    rule: 'a body above 5 MiB',
    path: '/TraceSegments',
    options: { body: Buffer.alloc(5 * 1024 * 1024 + 1, ' ') },
    status: 413,
    type: 'RequestTooLargeException',
  },
  {
    rule: 'a small gzip body that grows above 5 MiB',
    path: '/TraceSegments',
    options: {
      body: gzipSync(Buffer.alloc(6 * 1024 * 1024)),
      headers: { 'content-encoding': 'gzip' },
    },
    status: 413,
    type: 'RequestTooLargeException',
  },
  {
    rule: 'more than 50 documents',
    path: '/TraceSegments',
    options: { body: JSON.stringify({ TraceSegmentDocuments: Array(51).fill('{}') }) },
    status: 400,
    type: 'InvalidRequestException',
  },
  {
    rule: 'no time range',
    path: '/TraceSummaries',
    options: { body: '{"StartTime":1}' },
    status: 400,
    type: 'InvalidRequestException',
  },
  {
    rule: 'a Host of somebody else',
    path: '/GetSamplingRules',
    options: { headers: { host: 'evil.example:2000' } },
    status: 403,
    type: 'AccessDeniedException',
  },
  {
    rule: 'a page of another origin',
    path: '/TraceSegments',
    options: { headers: { origin: 'http://evil.example' } },
    status: 403,
    type: 'AccessDeniedException',
  },
  {
    rule: 'a form of another site',
    path: '/TraceSegments',
    options: { headers: { 'sec-fetch-site': 'cross-site' } },
    status: 403,
    type: 'AccessDeniedException',
  },
  {
    rule: 'a Host of somebody else asking for a page',
    path: '/events',
    options: { method: 'GET', headers: { host: 'evil.example' } },
    status: 403,
    type: 'AccessDeniedException',
  },
])('refused in the form of the service: $rule', async ({ path, options, status, type }) => {
  const xray = await start();
  const answer = await ask(xray, path, options);
  const body = JSON.parse(answer.text);
  expect([answer.status, answer.headers['x-amzn-errortype'], body.__type]).toEqual([
    status,
    type,
    type,
  ]);
  expect(body.message).toBe(body.Message);
  expect(body.message.length).toBeGreaterThan(0);
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  // It still works.
  expect((await ask(xray, '/GetSamplingRules')).status).toBe(200);
});

test('configured host names and names of this machine are accepted', async () => {
  const xray = await start({ allowHosts: ['xray'] });
  const status = async (host: string) =>
    (await ask(xray, '/GetSamplingRules', { headers: { host } })).status;
  expect(
    await Promise.all(
      ['xray:2000', 'localhost:1', '127.0.0.1', '[::1]:2000', 'app.localhost', '10.0.0.7:2000'].map(
        status,
      ),
    ),
  ).toEqual([200, 200, 200, 200, 200, 200]);
});

test('times may be numbers, numeric strings or ISO 8601', async () => {
  const xray = await start();
  await ask(xray, '/TraceSegments', {
    body: JSON.stringify({ TraceSegmentDocuments: [JSON.stringify(SEGMENT)] }),
  });
  const found = async (StartTime: unknown, EndTime: unknown) =>
    JSON.parse(
      (await ask(xray, '/TraceSummaries', { body: JSON.stringify({ StartTime, EndTime }) })).text,
    ).TraceSummaries.length;
  expect(await found(1_763_600_000, 1_763_600_000.5)).toBe(1);
  expect(await found('1763600000', '1763600001')).toBe(1);
  expect(await found('2025-11-20T00:53:20Z', '2025-11-20T00:53:21Z')).toBe(1);
  expect(await found(1_763_600_000.5, 1_763_600_001)).toBe(0);
});

test('the page reads documents, problems, pollers and filter errors', async () => {
  const xray = await start({ store: undefined });
  const get = async (path: string) => JSON.parse((await ask(xray, path, { method: 'GET' })).text);
  const noted = { ...SEGMENT, color: 'red' };
  await sendDatagrams(xray.port, [framed(noted), 'hello']);
  await xray.waitFor(() => true, PATIENT);
  expect(await get(`/local/traces/${traceId(1)}`)).toEqual({
    id: traceId(1),
    revision: 1,
    linked: [],
    bytes: JSON.stringify(noted).length,
    arrived: expect.any(Number),
    changed: expect.any(Number),
    documents: [
      {
        id: entityId(1),
        via: 'udp',
        arrived: expect.any(Number),
        bytes: JSON.stringify(noted).length,
        body: JSON.stringify(noted),
        notes: [
          { path: 'color', reason: 'not a field of the document format here' },
          {
            path: 'trace_id',
            reason: 'the time in the trace id is 2025-11-20T00:54:24.000Z, more than 30 days ago',
          },
        ],
      },
    ],
  });
  expect((await get('/local/problems')).problems).toMatchObject([
    { kind: 'foreign', text: 'hello' },
  ]);
  expect(await get('/local/status')).toMatchObject({
    counts: { documents: 1, foreign: 1 },
    ruleProblems: [],
  });
  expect((await get('/local/rules')).rules).toMatchObject([
    { rule: { RuleName: 'Default', FixedRate: 1 }, requests: 0, pollers: [] },
  ]);
  expect(await get('/local/senders')).toEqual({ senders: [] });
  expect(await get('/local/filter?expression=fault')).toEqual({ ok: true });
  expect(await get(`/local/filter?expression=${traceId(1)}`)).toEqual({
    ok: true,
    traceId: traceId(1),
  });
  expect(await get('/local/filter?expression=user%20%3D%20x')).toEqual({
    ok: false,
    offset: 7,
    reason: 'expected a string; strings need double quotes',
    message:
      "Error Location: line 1, position 8 : Invalid input symbol: 'user = x' (expected a string; strings need double quotes)",
  });
  expect((await ask(xray, '/local/nothing', { method: 'GET' })).status).toBe(404);
});

test('the event stream reports traces, problems and rules', async () => {
  const xray = await start();
  const response = await fetch(`${xray.url}/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await sendDatagrams(xray.port, [framed(SEGMENT), 'hello']);
  await ask(xray, '/SamplingTargets', { body: '{"SamplingStatisticsDocuments":[]}' });
  const wanted = ['change', 'problem', 'rules', 'trace'];
  let text = '';
  while (!wanted.every((name) => text.includes(`event: ${name}\n`))) {
    text += Buffer.from((await reader.read()).value ?? []).toString();
  }
  await reader.cancel();
  const data = (name: string) =>
    JSON.parse(new RegExp(`event: ${name}\ndata: (.*)\n`).exec(text)?.[1] ?? '');
  expect(data('change')).toEqual({ traceIds: [traceId(1)] });
  expect(data('trace')).toEqual({
    id: traceId(1),
    revision: 1,
    start: 1_763_600_000,
    duration: 1,
    responseTime: 1,
    partial: false,
    error: false,
    fault: false,
    throttle: false,
  });
  expect(data('problem')).toMatchObject({ kind: 'foreign' });
});

test('page files have types and security headers; nothing outside the folder is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<p>page');
  writeFileSync(join(folder, 'page', 'assets', 'a.js'), 'x');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const xray = await start({ pageDirectory: join(folder, 'page') });
  const get = (path: string) => ask(xray, path, { method: 'GET' });
  expect(await get('/')).toMatchObject({
    status: 200,
    text: '<p>page',
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    },
  });
  expect(await get('/traces/1-2-3')).toMatchObject({ status: 200, text: '<p>page' });
  expect(await get('/assets/a.js')).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'max-age=31536000, immutable' },
  });
  const outside = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00.txt',
    '/%E0.txt',
    '/none.js',
  ];
  for (const path of outside) expect(await get(path)).toMatchObject({ status: 404 });
});

test('a telemetry record of a daemon is stored', async () => {
  const xray = await start();
  const record = { Timestamp: 1_763_600_000, SegmentsReceivedCount: 5 };
  await ask(xray, '/TelemetryRecords', {
    body: JSON.stringify({ TelemetryRecords: [record], Hostname: 'box' }),
  });
  const { text } = await ask(xray, '/local/senders', { method: 'GET' });
  expect(JSON.parse(text)).toEqual({ senders: [{ sender: 'box', at: 1_763_600_000, record }] });
});
