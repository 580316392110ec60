import { expect, test } from 'vitest';
import { XRayExporter, type XRayExporterOptions } from '../../../src/exporter/index.ts';
import { plainDocuments } from '../../support/documents.ts';
import { documentOf } from '../../support/fake-daemon.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { SPAN_ID, span } from '../../support/span.ts';

/** An exporter that says which spans it has translated, in their order; work takes no time. */
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

/** Requests of one span each. */
const requests = (count: number, attributes = {}) =>
  Array.from({ length: count }, (_, index) => [span({ id: idOf(index), attributes })]);

const LARGE = { text: 'x'.repeat(20_000) };
const FAST = { bytesPerMs: 1e9 };

/** The children of one request, without it. */
const children = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    span({ kind: 'CLIENT', id: idOf(index), parent: SPAN_ID }),
  );

const endAll = (exporter: XRayExporter, ended: readonly ReturnType<typeof requests>[number][]) => {
  for (const request of ended) exporter.enqueueEnded(request);
};

test('as soon as 64 spans wait they are written, and count as queued until a run sends them', async () => {
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

test('of a long request only the first pieces are written at its end', async () => {
  const { network, translated, exporter } = watched();
  exporter.enqueueEnded([...children(99), span()]);
  expect(translated).toHaveLength(64);
  await exporter.forceFlush();
  expect(translated).toHaveLength(100);
  expect(network.sent).toHaveLength(1);
  await exporter.shutdown();
});

test('a batch of other requests is left to runs', async () => {
  const { translated, exporter } = watched();
  const done = new Promise((resolve) => exporter.export(requests(99).flat(), resolve));
  expect(translated).toEqual([]);
  await done;
  expect(translated).toHaveLength(99);
  await exporter.shutdown();
});

test('what is written goes in the next turn of the event loop; less waits for more', async () => {
  const { network, exporter } = watched();
  endAll(exporter, requests(63));
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(0);
  exporter.enqueueEnded([span()]);
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(64);
  await exporter.shutdown();
});

test('no more is written ahead than a megabyte', async () => {
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

test('what waits for the pace is not written over by what comes later', async () => {
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

test('nothing is written while the name of the daemon is looked up', async () => {
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

test('a request that ends while another is translated waits until that one is written', async () => {
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

test('what is written and cannot be sent is counted and said at the end', async () => {
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
