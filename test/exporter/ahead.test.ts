import { expect, test } from 'vitest';
import { XRayExporter, type XRayExporterOptions } from '../../src/exporter/index.ts';
import { plainDocuments } from '../support/documents.ts';
import { fakeNetwork } from '../support/fake-socket.ts';
import { SPAN_ID, span } from '../support/span.ts';

/** An exporter that says which spans it has translated, in their order. */
function watched(options: XRayExporterOptions = {}) {
  const network = fakeNetwork();
  const translated: string[] = [];
  const exporter = new XRayExporter({
    translate: (each) => {
      translated.push(each.spanContext().spanId);
      return plainDocuments(each);
    },
    environment: {
      createSocket: network.createSocket,
      openProc: () => {
        throw new Error('no such file');
      },
      // Only steps of work take time, and none does here.
      now: () => 0,
    },
    ...options,
  });
  return { network, translated, exporter };
}

const idOf = (index: number) => (index + 1).toString(16).padStart(16, '0');

/** Requests of one span each. */
const requests = (count: number) =>
  Array.from({ length: count }, (_, index) => [span({ id: idOf(index) })]);

/** The children of one request, without it. */
const children = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    span({ kind: 'CLIENT', id: idOf(index), parent: SPAN_ID }),
  );

test('a request is written when it ends and counts as queued until a run sends it', async () => {
  const { network, translated, exporter } = watched();
  exporter.enqueueEnded([...children(2), span()]);
  expect(translated).toEqual([idOf(0), idOf(1), SPAN_ID]);
  expect(network.sent).toHaveLength(0);
  expect(exporter.counters()).toMatchObject({ queued: 3, sent: 0 });
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(1);
  expect(exporter.counters()).toMatchObject({ queued: 0, sent: 3, datagrams: 1 });
  await exporter.shutdown();
});

test('of a long request only the first pieces are written at its end', async () => {
  const { network, translated, exporter } = watched();
  exporter.enqueueEnded([...children(99), span()]);
  expect(translated).toHaveLength(16);
  await exporter.forceFlush();
  expect(translated).toHaveLength(100);
  expect(network.sent).toHaveLength(1);
  await exporter.shutdown();
});

test('a batch of other requests is left to runs', async () => {
  const { translated, exporter } = watched();
  const done = new Promise((resolve) => exporter.export(requests(3).flat(), resolve));
  expect(translated).toEqual([]);
  await done;
  expect(translated).toHaveLength(3);
  await exporter.shutdown();
});

test('as many requests as go at once go in the next turn of the event loop', async () => {
  const { network, exporter } = watched();
  for (const request of requests(15)) exporter.enqueueEnded(request);
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(0);
  exporter.enqueueEnded([span()]);
  await new Promise(setImmediate);
  expect(network.sent).toHaveLength(16);
  await exporter.shutdown();
});

test('no more is written ahead than two bursts', async () => {
  const { network, translated, exporter } = watched();
  for (const request of requests(100)) exporter.enqueueEnded(request);
  expect(translated).toHaveLength(32);
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(100);
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
    environment: { createSocket: network.createSocket, resolve: () => address },
  });
  exporter.enqueueEnded([span()]);
  expect(translated).toEqual([]);
  found({ address: '127.0.0.1', family: 4 });
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(1);
  await exporter.shutdown();
});

test('a request that ends while another is translated waits until that one is written', async () => {
  const network = fakeNetwork();
  const order: string[] = [];
  const exporter: XRayExporter = new XRayExporter({
    environment: { createSocket: network.createSocket },
    translate: (each) => {
      const { spanId } = each.spanContext();
      order.push(`begin ${spanId}`);
      if (spanId === SPAN_ID) exporter.enqueueEnded([span({ id: idOf(0) })]);
      order.push(`end ${spanId}`);
      return plainDocuments(each);
    },
  });
  exporter.enqueueEnded([span()]);
  expect(order).toEqual([SPAN_ID, idOf(0)].flatMap((id) => [`begin ${id}`, `end ${id}`]));
  await exporter.forceFlush();
  expect(network.sent).toHaveLength(2);
  await exporter.shutdown();
});

test('what is written and cannot be sent is counted and said at the end', async () => {
  const { network, exporter } = watched();
  network.waiting = 1_000;
  exporter.enqueueEnded([...children(2), span()]);
  exporter.flushAtLast(1);
  expect(exporter.counters()).toMatchObject({
    queued: 0,
    sent: 0,
    dropped: { 'flush-timeout': 3 },
  });
});
