import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { XRayExporter, type XRayExporterOptions } from '../../../src/exporter/index.ts';
import { openXRayApi } from '../../../src/xray-api/client.ts';
import { plainDocuments } from '../../support/documents.ts';
import { collectMessages } from '../../support/messages.ts';
import {
  type RecordedAnswer,
  type RecordedCall,
  startRecordingXRay,
  xrayError,
} from '../../support/recording-xray.ts';
import { span } from '../../support/span.ts';

const hex = (number: number) => number.toString(16).padStart(16, '0');

afterEach(() => vi.unstubAllEnvs());

/** An exporter that calls a recording server. */
async function calling(
  answer?: (call: RecordedCall) => RecordedAnswer,
  options: XRayExporterOptions = {},
  accessKeyId = () => 'AKIDEXAMPLE',
) {
  const xray = await startRecordingXRay(answer);
  const credentials = async () => ({ accessKeyId: accessKeyId(), secretAccessKey: 'secret' });
  const exporter = new XRayExporter({
    translate: plainDocuments,
    maxQueueSize: 100_000,
    api: {
      mode: 'api',
      open: () =>
        openXRayApi({ clientConfig: { endpoint: xray.url, region: 'eu-west-1', credentials } }),
    },
    ...options,
  });
  const enqueue = (from: number, to: number) => {
    for (let id = from; id < to; id += 1) exporter.enqueueEnded([span({ id: hex(id) })]);
  };
  const sorted = () => [...new Set(xray.accepted)].sort();
  return { xray, exporter, enqueue, sorted };
}

/** Flushes until nothing is queued: a single flush waits at most five seconds. */
async function flushAll(exporter: XRayExporter) {
  do await exporter.forceFlush();
  while (exporter.counters().queued > 0);
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => hex(from + index));

test('sends batches of at most 50 documents', async () => {
  const { xray, exporter, enqueue } = await calling();
  await using _ = xray;
  enqueue(1, 121);
  await flushAll(exporter);
  expect(xray.calls.map(({ path, documents }) => [path, documents.length])).toEqual([
    ['/TraceSegments', 50],
    ['/TraceSegments', 50],
    ['/TraceSegments', 20],
  ]);
  expect(exporter.counters()).toMatchObject({ sent: 120, held: 0, queued: 0 });
  await exporter.shutdown();
});

test('sends calls of at most 256 KB', async () => {
  const { xray, exporter } = await calling();
  await using _ = xray;
  for (let id = 1; id <= 20; id += 1) {
    exporter.enqueue([span({ id: hex(id), attributes: { padding: 'x'.repeat(60_000) } })]);
  }
  await flushAll(exporter);
  expect(xray.accepted).toHaveLength(20);
  expect(Math.max(...xray.calls.map(({ body }) => body.length))).toBeLessThan(300_000);
  await exporter.shutdown();
});

test('gathers documents for a second', async () => {
  const { xray, exporter, enqueue } = await calling();
  await using _ = xray;
  const startMs = performance.now();
  enqueue(1, 3);
  await Promise.resolve();
  enqueue(3, 5);
  while (xray.accepted.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(xray.calls).toHaveLength(1);
  expect(performance.now() - startMs).toBeGreaterThan(900);
  await exporter.shutdown();
});

test('10,000 traces with half of the calls failing: nothing is lost', async () => {
  const failures: readonly RecordedAnswer[] = [
    xrayError(500, 'InternalFailure'),
    xrayError(503, 'ServiceUnavailable'),
    'reset',
    { status: 502, body: {} },
    xrayError(429, 'ThrottledException'),
  ];
  let failed = 0;
  const { xray, exporter, enqueue, sorted } = await calling(({ number }) =>
    number % 2 === 0 ? (failures[failed++ % failures.length] as RecordedAnswer) : {},
  );
  await using _ = xray;
  for (let from = 1; from < 10_000; from += 100) {
    enqueue(from, from + 100);
    await new Promise(setImmediate);
  }
  await flushAll(exporter);
  expect(sorted()).toEqual(range(1, 10_001));
  expect(failed).toBeGreaterThan(190);
  const { sent, held, queued, dropped } = exporter.counters();
  expect({ sent, held, queued }).toEqual({ sent: 10_000, held: 0, queued: 0 });
  expect(Object.values(dropped).reduce((a, b) => a + b)).toBe(0);
  await exporter.shutdown();
});

test('unprocessed documents: transient ones are sent again, others are dropped and counted', async () => {
  using logged = collectMessages();
  const unprocessed = (id: number, ErrorCode: string) => ({
    Id: hex(id),
    ErrorCode,
    Message: `Invalid segment. ErrorCode: ${ErrorCode}`,
  });
  const { xray, exporter, enqueue } = await calling(({ number }) =>
    number === 0
      ? {
          body: {
            UnprocessedTraceSegments: [
              unprocessed(2, 'InternalFailure'),
              unprocessed(3, 'InvalidName'),
            ],
          },
        }
      : {},
  );
  await using _ = xray;
  enqueue(1, 5);
  await flushAll(exporter);
  expect(xray.calls.map(({ documents }) => documents.map(({ id }) => id))).toEqual([
    range(1, 5),
    [hex(2)],
  ]);
  expect(exporter.counters()).toMatchObject({ sent: 3, held: 0, dropped: { rejected: 1 } });
  expect(logged.warnings).toContain(
    'otel-xray: X-Ray did not accept a document: InvalidName: Invalid segment. ErrorCode: InvalidName',
  );
  await exporter.shutdown();
});

test('a call that X-Ray rejects is split until the document at fault is alone', async () => {
  const bad = hex(7);
  const { xray, exporter, enqueue, sorted } = await calling(({ documents }) =>
    documents.some(({ id }) => id === bad) ? xrayError(400, 'InvalidRequestException') : {},
  );
  await using _ = xray;
  enqueue(1, 51);
  await flushAll(exporter);
  expect(sorted()).toEqual(range(1, 51).filter((id) => id !== bad));
  expect(exporter.counters()).toMatchObject({ sent: 49, held: 0, dropped: { rejected: 1 } });
  await exporter.shutdown();
});

test('throttling: no call starts before the time that Retry-After asks for', async () => {
  const times: number[] = [];
  const { xray, exporter, enqueue, sorted } = await calling(({ number }) => {
    times.push(performance.now());
    return number === 0 ? xrayError(429, 'ThrottledException', { 'retry-after': '1' }) : {};
  });
  await using _ = xray;
  enqueue(1, 51);
  const flushed = exporter.forceFlush();
  await vi.waitUntil(() => exporter.counters().sendErrors['throttled'] === 1, { timeout: 100_000 });
  enqueue(51, 101);
  await Promise.all([flushed, flushAll(exporter)]);
  expect(sorted()).toEqual(range(1, 101));
  expect((times[1] as number) - (times[0] as number)).toBeGreaterThan(950);
  await exporter.shutdown();
});

test('a clock that is an hour off is corrected by the first answer', async () => {
  const hourMs = 3_600_000;
  const signedAtMs: number[] = [];
  const { xray, exporter, enqueue } = await calling(({ number, headers }) => {
    const [, year, month, day, hour, minute, second] =
      /^(....)(..)(..)T(..)(..)(..)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    signedAtMs.push(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`));
    const date = { date: new Date(Date.now() + hourMs).toUTCString() };
    return number === 0 ? xrayError(403, 'InvalidSignatureException', date) : { headers: date };
  });
  await using _ = xray;
  enqueue(1, 3);
  await flushAll(exporter);
  expect(xray.accepted).toEqual(range(1, 3));
  const [first = 0, second = 0] = signedAtMs;
  expect(Math.abs(second - first - hourMs)).toBeLessThan(hourMs / 2);
  await exporter.shutdown();
});

test('expired credentials are read again', async () => {
  const keys = ['AKIDOLD', 'AKIDNEW'];
  const { xray, exporter, enqueue } = await calling(
    ({ headers }) =>
      String(headers['authorization']).includes('AKIDNEW')
        ? {}
        : xrayError(403, 'ExpiredTokenException'),
    {},
    () => keys.shift() ?? 'AKIDNEW',
  );
  await using _ = xray;
  enqueue(1, 3);
  await flushAll(exporter);
  expect(xray.accepted).toEqual(range(1, 3));
  expect(xray.calls).toHaveLength(2);
  await exporter.shutdown();
});

test('credentials that were replaced in a file are read again', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'otel-xray-'));
  const file = join(folder.path, 'credentials');
  const keep = (key: string) =>
    writeFileSync(file, `[default]\naws_access_key_id=${key}\naws_secret_access_key=secret\n`);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder.path, 'config'));
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  keep('AKIDOLD');
  let isExpired = false;
  const keyOf = ({ headers }: RecordedCall) =>
    /Credential=(\w+)/.exec(String(headers['authorization']))?.[1];
  await using xray = await startRecordingXRay((call) => {
    if (!isExpired || keyOf(call) === 'AKIDNEW') return {};
    keep('AKIDNEW');
    return xrayError(403, 'ExpiredTokenException');
  });
  const clientConfig = { endpoint: xray.url, region: 'eu-west-1' };
  const exporter = new XRayExporter({
    translate: plainDocuments,
    api: { mode: 'api', open: () => openXRayApi({ clientConfig }) },
  });
  exporter.enqueueEnded([span({ id: hex(1) })]);
  await flushAll(exporter);
  isExpired = true;
  for (const id of [2, 3]) exporter.enqueueEnded([span({ id: hex(id) })]);
  await flushAll(exporter);
  expect(xray.calls.map(keyOf)).toEqual(['AKIDOLD', 'AKIDOLD', 'AKIDNEW']);
  expect(xray.accepted).toEqual(range(1, 4));
  expect(exporter.counters()).toMatchObject({ sent: 3, held: 0, queued: 0 });
  await exporter.shutdown();
});

test('without permission: one warning, a flush does not wait, documents are held within the limit', async () => {
  using logged = collectMessages();
  const { xray, exporter, enqueue } = await calling(() => xrayError(403, 'AccessDeniedException'), {
    holdBytes: 100_000,
  });
  await using _ = xray;
  const startMs = performance.now();
  for (let from = 1; from < 5_000; from += 500) {
    enqueue(from, from + 500);
    await exporter.forceFlush();
  }
  const tookMs = performance.now() - startMs;
  // Ten flushes that wait would take fifty seconds.
  expect(tookMs).toBeLessThan(40_000);
  const { sent, held, dropped } = exporter.counters();
  expect({ sent, all: held + dropped['hold-full'] }).toEqual({ sent: 0, all: 5_000 });
  // The limit, and at most four calls of 50 documents.
  expect(held).toBeLessThan(900);
  // A denied call is tried again after ten seconds.
  expect(xray.calls.length).toBeLessThanOrEqual(4 * Math.ceil(tookMs / 10_000));
  expect(logged.warnings.filter((text) => text.includes('xray:PutTraceSegments'))).toHaveLength(1);
  await exporter.shutdown();
  expect(exporter.counters()).toMatchObject({ held: 0, queued: 0 });
});

test('the API is away: memory stays within the limit, and a flush ends after five seconds', async () => {
  const { xray, exporter, enqueue } = await calling(() => 'reset', { holdBytes: 200_000 });
  await using _ = xray;
  for (let from = 1; from < 20_000; from += 1_000) enqueue(from, from + 1_000);
  // Without a limit, it would never end.
  await exporter.forceFlush();
  const { sent, held, dropped } = exporter.counters();
  expect({ sent, all: held + dropped['hold-full'] }).toEqual({ sent: 0, all: 20_000 });
  expect(held).toBeLessThan(1_500);
  await exporter.shutdown();
});

test('without the package, one line says what to install, and documents go to the daemon', async () => {
  using logged = collectMessages();
  const exporter = new XRayExporter({
    api: { mode: 'api', open: () => openXRayApi({ directory: '/' }) },
  });
  expect(logged.warnings).toEqual([
    'otel-xray: OTEL_XRAY_TRANSPORT=api: @aws-sdk/client-xray is not installed; run npm install ' +
      '@aws-sdk/client-xray; sending to the X-Ray daemon instead',
  ]);
  await exporter.shutdown();
});
