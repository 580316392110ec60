import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type LocalXRay, type LocalXRayOptions, startLocalXRay } from '../../src/local/index.ts';
import { PATIENT } from '../support/local-xray.ts';

const TRACE = '1-691e66c0-000000000000000000000001';
const SEGMENT = {
  trace_id: TRACE,
  id: 'a000000000000001',
  name: 'shop',
  start_time: 1763600000,
  end_time: 1763600001.25,
};
const SUBSEGMENT = {
  trace_id: TRACE,
  id: 'a000000000000002',
  parent_id: 'a000000000000001',
  type: 'subsegment',
  name: 'work',
  start_time: 1763600000.5,
  end_time: 1763600001,
};

async function start(options: LocalXRayOptions = {}): Promise<LocalXRay> {
  const xray = await startLocalXRay({ port: 0, quietMs: 20, ...options });
  onTestFinished(() => xray.close());
  return xray;
}

async function send(xray: LocalXRay, ...texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts) {
    await new Promise((resolve) => socket.send(text, xray.port, '127.0.0.1', resolve));
  }
  socket.close();
}

const framed = (document: object): string =>
  `{"format":"json","version":1}\n${JSON.stringify(document)}`;

test('documents of datagrams become one trace', async () => {
  const xray = await start();
  await send(xray, framed(SUBSEGMENT), framed(SEGMENT));
  const trace = await xray.waitFor(({ partial }) => !partial, PATIENT);
  const { trace_id: _, parent_id: _p, type: _t, ...nested } = SUBSEGMENT;
  expect(trace).toEqual({
    id: TRACE,
    revision: 2,
    start: 1763600000,
    duration: 1.25,
    responseTime: 1.25,
    partial: false,
    error: false,
    fault: false,
    throttle: false,
    documents: [{ ...SEGMENT, subsegments: [nested] }],
  });
});

test('foreign and refused messages are counted and shown; others are unaffected', async () => {
  const xray = await start();
  await send(xray, 'hello', framed({ ...SEGMENT, name: 'a?' }), '', framed(SEGMENT));
  await xray.waitFor(({ id }) => id === TRACE, PATIENT);
  expect(xray.counts()).toMatchObject({
    traces: 1,
    documents: 1,
    received: 2,
    refused: 1,
    foreign: 2,
  });
  expect(xray.problems().map(({ kind, code, text }) => ({ kind, code, text }))).toEqual([
    { kind: 'foreign', code: undefined, text: '' },
    { kind: 'refused', code: 'InvalidName', text: JSON.stringify({ ...SEGMENT, name: 'a?' }) },
    { kind: 'foreign', code: undefined, text: 'hello' },
  ]);
});

test('a trace is announced after its quiet period', async () => {
  const xray = await start();
  const heard = new Promise((resolve) =>
    xray.on('trace', ({ id, revision }) => resolve({ id, revision })),
  );
  await send(xray, framed(SEGMENT), framed(SUBSEGMENT));
  expect(await heard).toEqual({ id: TRACE, revision: 2 });
});

test('a port in use is refused with advice', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await expect(startLocalXRay({ port })).rejects.toThrow(
    `TCP 127.0.0.1:${port} is in use, perhaps by an X-Ray daemon or another otel-xray dev. Stop it, or use another port`,
  );
});

test('a port whose UDP side is in use is refused, too', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  await new Promise((resolve) => server.close(resolve));
  await expect(startLocalXRay({ port })).rejects.toThrow(`UDP 127.0.0.1:${port} is in use`);
});

test('waitFor reports what arrived instead', async () => {
  const xray = await start();
  await send(xray, framed(SEGMENT));
  await xray.waitFor(() => true, PATIENT);
  await expect(xray.waitFor(({ fault }) => fault, { timeoutMs: 10 })).rejects.toThrow(
    'no matching trace within 10 ms; 1 traces of 1 documents arrived, 0 documents were refused, 0 messages were not X-Ray messages',
  );
});

test('close can be called twice', async () => {
  const xray = await start();
  await Promise.all([xray.close(), xray.close()]);
});

test('--strict-age refuses a trace id with an old time', async () => {
  const xray = await start({ strictAge: true });
  const now = Math.floor(Date.now() / 1000).toString(16);
  const fresh = `1-${now}-000000000000000000000002`;
  await send(xray, framed(SEGMENT), framed({ ...SEGMENT, trace_id: fresh }));
  await xray.waitFor(({ id }) => id === fresh, PATIENT);
  expect(xray.problems()).toMatchObject([{ code: 'InvalidTraceId', traceId: TRACE }]);
});

test('--strict-size refuses documents that exceed the size of a trace', async () => {
  const xray = await start({ strictSize: true });
  const documents = Array.from({ length: 10 }, (_, index) =>
    framed({
      ...SEGMENT,
      id: `a00000000000000${index}`,
      metadata: { d: { t: 'x'.repeat(60_000) } },
    }),
  );
  for (const document of documents) {
    const { received } = xray.counts();
    await send(xray, document);
    while (xray.counts().received === received) await new Promise(setImmediate);
  }
  expect(xray.counts()).toMatchObject({ documents: 8, refused: 2 });
  expect(xray.problems()[0]).toMatchObject({ code: 'InvalidSegment' });
});
