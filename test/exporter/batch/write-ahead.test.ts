import { expect, test } from 'vitest';
import { XRayExporter, type XRayExporterOptions } from '../../../src/exporter/index.ts';
import { plainDocuments } from '../../support/documents.ts';
import { documentOf } from '../../support/fake-daemon.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { SPAN_ID, span } from '../../support/span.ts';

/** Returns an exporter that records the ids of the translated spans in order. */
function watched(options: XRayExporterOptions = {}, now = () => 0) {
  const network = fakeNetwork();
  const translated: string[] = [];
  const exporter = new XRayExporter({
    translate: (each) => {
      translated.push(each.spanContext().spanId);
      return plainDocuments(each);
    },
    deps: {
      createSocket: network.createSocket,
      openProc: () => {
        throw new Error('no such file');
      },
      now,
    },
    ...options,
  });
  return { network, translated, exporter };
}

const idOf = (index: number) => (index + 1).toString(16).padStart(16, '0');

/** Returns requests with one span each. */
const requests = (count: number, attributes = {}) =>
  Array.from({ length: count }, (_, index) => [span({ id: idOf(index), attributes })]);

const LARGE = { text: 'x'.repeat(20_000) };
const FAST = { bytesPerMs: 1e9 };

/** Returns the children of one request, without its root. */
const children = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    span({ kind: 'CLIENT', id: idOf(index), parent: SPAN_ID }),
  );

const endAll = (exporter: XRayExporter, ended: readonly ReturnType<typeof requests>[number][]) => {
  for (const request of ended) exporter.enqueueEnded(request);
};

test('64 waiting spans are written immediately and count as queued until they are sent', async () => {
  const { network, translated, exporter } = watched();
  endAll(exporter, requests(63));
  expect(translated).toEqual([]);
  exporter.enqueueEnded([span()]);
  expect(translated).toHaveLength(64);
  expect(network.sent).toHaveLength(0);
  expect(exporter.counters()).toMatchObject({ queued: 64, sent: 0 });
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(64);
  expect(exporter.counters()).toMatchObject({ queued: 0, sent: 64, datagrams: 64 });
  await exporter.shutdown();
});

test('only the first 64 spans of a large request are written when it ends', async () => {
  const { network, translated, exporter } = watched();
  exporter.enqueueEnded([...children(99), span()]);
  expect(translated).toHaveLength(64);
  await exporter.forceFlush();
  expect(translated).toHaveLength(100);
  expect(network.sent).toHaveLength(1);
  await exporter.shutdown();
});

test('an exported batch is not written immediately', async () => {
  const { translated, exporter } = watched();
  const done = new Promise((resolve) => exporter.export(requests(99).flat(), resolve));
  expect(translated).toEqual([]);
  await done;
  expect(translated).toHaveLength(99);
  await exporter.shutdown();
});

test('written documents are sent in the next turn of the event loop; fewer than 64 spans wait', async () => {
  const { network, exporter } = watched();
  endAll(exporter, requests(63));
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(0);
  exporter.enqueueEnded([span()]);
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(64);
  await exporter.shutdown();
});

test('at most one megabyte is written ahead', async () => {
  const { network, translated, exporter } = watched(FAST);
  endAll(exporter, requests(100, LARGE));
  const ahead = translated.length;
  await exporter.forceFlush();
  const bytes = network.sent[0]?.length ?? 0;
  expect(bytes).toBeGreaterThan(20_000);
  expect(ahead).toBe(Math.ceil(2 ** 20 / bytes));
  expect(network.sent).toHaveLength(100);
  await exporter.shutdown();
});

test('later documents do not overwrite documents that wait for the rate limiter', async () => {
  const { network, exporter } = watched({ bytesPerMs: 200_000 }, () => performance.now());
  for (let round = 0; round < 3; round += 1) {
    endAll(exporter, requests(100, LARGE));
    await new Promise(setImmediate);
  }
  await exporter.forceFlush();
  const ids = network.sent.map((bytes) => documentOf(bytes).id);
  const all = Array.from({ length: 100 }, (_, index) => idOf(index));
  expect(ids).toEqual([...all, ...all, ...all]);
  await exporter.shutdown();
});

test('nothing is written while the host name of the daemon is being resolved', async () => {
  let found = (_: { address: string; family: 4 }) => {};
  const address = new Promise<{ address: string; family: 4 }>((resolve) => {
    found = resolve;
  });
  const network = fakeNetwork();
  const { translated, exporter } = watched({
    daemon: { host: 'daemon.example', port: 2000 },
    deps: { createSocket: network.createSocket, resolve: () => address },
  });
  endAll(exporter, requests(64));
  expect(translated).toEqual([]);
  found({ address: '127.0.0.1', family: 4 });
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(64);
  await exporter.shutdown();
});

test('a request that ends during the translation of another one is written after it', async () => {
  const network = fakeNetwork();
  const order: string[] = [];
  const exporter: XRayExporter = new XRayExporter({
    deps: { createSocket: network.createSocket },
    translate: (each) => {
      const { spanId } = each.spanContext();
      order.push(`begin ${spanId}`);
      if (spanId === SPAN_ID) endAll(exporter, requests(64));
      order.push(`end ${spanId}`);
      return plainDocuments(each);
    },
  });
  exporter.enqueueEnded([...children(63), span()]);
  await exporter.forceFlush();
  const ids = order.map((step) => step.split(' ')[1] as string);
  expect(order).toEqual(ids.map((id, index) => `${index % 2 === 0 ? 'begin' : 'end'} ${id}`));
  expect(ids).toHaveLength(2 * (64 + 64));
  expect(network.sent).toHaveLength(65);
  await exporter.shutdown();
});

test('written documents that cannot be sent at exit are counted as dropped', async () => {
  const { network, translated, exporter } = watched();
  network.waiting = 1_000;
  exporter.enqueueEnded([...children(63), span()]);
  expect(translated).toHaveLength(64);
  exporter.finalFlush(1);
  expect(exporter.counters()).toMatchObject({
    queued: 0,
    sent: 0,
    dropped: { 'flush-timeout': 64 },
  });
});
