import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { flatten } from '../../../src/exporter/batch/nest.ts';
import { XRayExporter, type XRayExporterOptions } from '../../../src/exporter/index.ts';
import { plainDocuments } from '../../support/documents.ts';
import { documentOf, type FakeDaemon, startFakeDaemon } from '../../support/fake-daemon.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { freePort } from '../../support/free-port.ts';
import { collectMessages } from '../../support/messages.ts';
import { SPAN_ID, span } from '../../support/span.ts';

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/** A request with child spans, each with an attribute of this many characters. */
function request(children: number, characters = 0) {
  const attributes = characters === 0 ? {} : { padding: 'x'.repeat(characters) };
  const below = Array.from({ length: children }, (_, index) =>
    span({ kind: 'CLIENT', id: hex(index + 1, 16), parent: SPAN_ID, attributes }),
  );
  return [...below, span()];
}

const requestIds = (children: number) => [
  SPAN_ID,
  ...Array.from({ length: children }, (_, index) => hex(index + 1, 16)),
];

function overFake(options: XRayExporterOptions = {}) {
  const network = fakeNetwork();
  const exporter = new XRayExporter({
    translate: plainDocuments,
    deps: {
      createSocket: network.createSocket,
      openProc: () => {
        throw new Error();
      },
    },
    ...options,
  });
  const ids = () => network.sent.flatMap((bytes) => flatten(documentOf(bytes)).map(({ id }) => id));
  return { network, exporter, ids };
}

const idsOf = (daemon: FakeDaemon) => new Set(daemon.flat().map(({ id }) => id));
const idRange = (from: number, to: number) =>
  new Set(Array.from({ length: to - from }, (_, index) => hex(from + index, 16)));

test('daemon absent at start: everything is held, and arrives once it listens', async () => {
  const port = await freePort();
  const daemonAddress = { host: '127.0.0.1', port };
  const exporter = new XRayExporter({ daemon: daemonAddress, translate: plainDocuments });
  for (let id = 1; id <= 5; id += 1) {
    exporter.enqueue([span({ id: hex(id, 16) })]);
    await exporter.forceFlush();
    await new Promise(setImmediate);
  }
  const { held, sent, sendErrors } = exporter.counters();
  expect({ held, sent }).toEqual({ held: 5, sent: 0 });
  expect(sendErrors['ECONNREFUSED']).toBeGreaterThan(0);
  await using daemon = await startFakeDaemon({ port });
  exporter.enqueue([span({ id: hex(6, 16) })]);
  await daemon.until(() => idsOf(daemon).size === 6);
  expect(idsOf(daemon)).toEqual(idRange(1, 7));
  await exporter.shutdown();
  expect(exporter.counters()).toMatchObject({ held: 0, sent: 6 });
});

test('daemon killed and restarted under load: nothing is lost', async () => {
  const port = await freePort();
  const first = await startFakeDaemon({ port });
  const exporter = new XRayExporter({ daemon: first.endpoint, translate: plainDocuments });
  const send = async (from: number, to: number) => {
    for (let id = from; id < to; id += 1) {
      exporter.enqueue([span({ id: hex(id, 16) })]);
      if (id % 50 === 0) await exporter.forceFlush();
    }
    await exporter.forceFlush();
  };
  await send(1, 301);
  await first.received(300);
  await first.close();
  await send(301, 501);
  await using second = await startFakeDaemon({ port });
  await send(501, 801);
  await second.until(() => idsOf(second).has(hex(800, 16)));
  const arrived = new Set([...idsOf(first), ...idsOf(second)]);
  expect(arrived).toEqual(idRange(1, 801));
  await exporter.shutdown();
});

test('what did not fit into holdBytes is dropped, the oldest first, and counted', async () => {
  using logged = collectMessages();
  const port = await freePort();
  const exporter = new XRayExporter({
    daemon: { host: '127.0.0.1', port },
    translate: plainDocuments,
    holdBytes: 50_000,
  });
  for (let id = 1; id <= 1_000; id += 1) {
    exporter.enqueueEnded([span({ id: hex(id, 16) })]);
    if (id % 50 === 0) await exporter.forceFlush();
  }
  const { held, sent, dropped, queued } = exporter.counters();
  expect({ sent, dropped: dropped['hold-full'], queued }).toEqual({
    sent: 0,
    dropped: 1_000 - held,
    queued: held,
  });
  expect(
    logged.warnings.filter((text) => text.includes('OTEL_XRAY_HOLD_BYTES=50000')),
  ).toHaveLength(1);
  await using daemon = await startFakeDaemon({ port });
  await daemon.until(() => idsOf(daemon).size === held);
  expect(idsOf(daemon)).toEqual(idRange(1_001 - held, 1_001));
  await exporter.shutdown();
});

test('at the end of the process, what is held is counted as lost if nothing listens', async () => {
  const first = await startFakeDaemon({ port: await freePort() });
  const exporter = new XRayExporter({ daemon: first.endpoint, translate: plainDocuments });
  exporter.enqueue([span({ id: hex(1, 16) })]);
  await first.received(1);
  await first.close();
  for (let id = 2; id <= 10; id += 1) {
    exporter.enqueue([span({ id: hex(id, 16) })]);
    await exporter.forceFlush();
    await new Promise(setImmediate);
  }
  const startMs = performance.now();
  exporter.finalFlush(100_000);
  const { sent, held, dropped } = exporter.counters();
  expect({ all: sent + dropped['flush-timeout'], held }).toEqual({ all: 10, held: 0 });
  // Where the kernel does not show who listens, all of it is sent once more and counted as sent.
  expect(dropped['flush-timeout']).toBe(process.platform === 'linux' ? 10 : 0);
  // It does not wait for its deadline.
  expect(performance.now() - startMs).toBeLessThan(50_000);
});

test('resends a datagram refused because of an earlier one, and the earlier one', async () => {
  const { network, exporter, ids } = overFake();
  network.failures.push('', 'ECONNREFUSED', 'ECONNREFUSED');
  exporter.enqueue(request(0));
  exporter.enqueue([span({ id: 'aaaaaaaaaaaaaaaa' })]);
  await exporter.forceFlush();
  expect(exporter.counters()).toMatchObject({ sent: 0, datagrams: 0, bytes: 0, held: 2 });
  await network.received(3);
  expect(ids()).toEqual([SPAN_ID, SPAN_ID, 'aaaaaaaaaaaaaaaa']);
  expect(exporter.counters()).toMatchObject({
    sent: 2,
    datagrams: 2,
    held: 0,
    sendErrors: { ECONNREFUSED: 2 },
  });
  await exporter.shutdown();
});

test('of several datagrams, resends the refused one and counts the failed one', async () => {
  const { network, exporter, ids } = overFake();
  network.failures.push('', 'EPERM', '', 'ECONNREFUSED');
  for (const id of ['1', '2', '3']) exporter.enqueue([span({ id: id.repeat(16) })]);
  exporter.enqueue(request(3));
  await exporter.forceFlush();
  await network.received(5);
  expect(ids()).toEqual(['1', '3', '1', '3'].map((id) => id.repeat(16)).concat(requestIds(3)));
  expect(exporter.counters()).toMatchObject({
    sent: 6,
    datagrams: 3,
    held: 0,
    dropped: { 'send-error': 1 },
    sendErrors: { EPERM: 1, ECONNREFUSED: 1 },
  });
  await exporter.shutdown();
});

test.for(['ECONNREFUSED', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'])(
  '%s holds documents until a datagram is sent without it',
  async (code) => {
    const { network, exporter, ids } = overFake();
    network.failures.push(code, code, code);
    for (const id of ['1', '2', '3']) {
      exporter.enqueue([span({ id: id.repeat(16) })]);
      await exporter.forceFlush();
    }
    expect(exporter.counters()).toMatchObject({ sent: 0, held: 3, sendErrors: { [code]: 3 } });
    await network.received(3);
    expect(ids()).toEqual(['1', '2', '3'].map((id) => id.repeat(16)));
    await exporter.shutdown();
    expect(exporter.counters()).toMatchObject({ sent: 3, held: 0, dropped: { 'send-error': 0 } });
  },
);

test('another network error is counted by code and logged once; the next span is sent', async () => {
  using logged = collectMessages();
  const { network, exporter, ids } = overFake();
  network.failures.push('EACCES', 'EACCES');
  for (const id of ['1', '2', '3']) {
    exporter.enqueue([span({ id: id.repeat(16) })]);
    await exporter.forceFlush();
  }
  expect(ids()).toEqual(['3333333333333333']);
  expect(logged.warnings).toEqual([
    'otel-xray: cannot send to the X-Ray daemon: send EACCES; these documents are dropped',
  ]);
  expect(exporter.counters()).toMatchObject({
    dropped: { 'send-error': 2 },
    sendErrors: { EACCES: 2 },
  });
  await exporter.shutdown();
});

test('sends nothing while the kernel buffer is full', async () => {
  const { network, exporter, ids } = overFake();
  network.waiting = 1_000;
  exporter.enqueue(request(0));
  const flushed = exporter.forceFlush();
  await new Promise(setImmediate);
  expect(ids()).toEqual([]);
  network.waiting = 0;
  await flushed;
  expect(ids()).toEqual([SPAN_ID]);
  await exporter.shutdown();
});

test('EMSGSIZE lowers the datagram limit, and every document arrives', async () => {
  using logged = collectMessages();
  const { network, exporter, ids } = overFake();
  network.maxBytes = 9_216;
  exporter.enqueue(request(100, 500));
  await exporter.forceFlush();
  expect(new Set(ids()).size).toBe(101);
  expect(Math.max(...network.sent.map(({ length }) => length))).toBeLessThanOrEqual(9_216);
  const learned = exporter.counters();
  expect(learned.sendErrors['EMSGSIZE']).toBeLessThanOrEqual(4);
  exporter.enqueue(request(100, 500));
  await exporter.forceFlush();
  expect(exporter.counters().sendErrors).toEqual(learned.sendErrors);
  expect(ids()).toHaveLength(202);
  expect(logged.warnings.length).toBeGreaterThan(0);
  await exporter.shutdown();
});

test('a span of 300 KB is truncated and arrives', async () => {
  await using daemon = await startFakeDaemon();
  const exporter = new XRayExporter({ daemon: daemon.endpoint });
  exporter.enqueue([span({ attributes: { padding: 'é'.repeat(150_000) } })]);
  await daemon.received(1);
  expect(daemon.documents()[0]?.id).toBe(SPAN_ID);
  expect(exporter.counters()).toMatchObject({ sent: 1, cut: 1 });
  await exporter.shutdown();
});

test('5,000 children of one request arrive in datagrams within the limit', async () => {
  const { network, exporter, ids } = overFake({ maxQueueSize: 10_000, bytesPerMs: 1e9 });
  exporter.enqueue(request(5_000, 200));
  await exporter.forceFlush();
  expect(new Set(ids()).size).toBe(5_001);
  expect(Math.max(...network.sent.map(({ length }) => length))).toBeLessThanOrEqual(65_507);
  expect(exporter.counters()).toMatchObject({ spans: 5_001, sent: 5_001, queued: 0, cut: 0 });
  await exporter.shutdown();
});

test.for([
  { backlog: 200, rule: 'slices of 0.2 ms', steps: 20 },
  { backlog: 2_000, rule: 'slices of 0.5 ms with a backlog', steps: 50 },
])('does not block the event loop for long: $rule', async ({ backlog, steps }) => {
  // Each translation takes a hundredth of a millisecond.
  let nowMs = 0;
  let translated = 0;
  const network = fakeNetwork();
  const exporter = new XRayExporter({
    maxQueueSize: 10_000,
    // No rate limit: it would wait for this clock.
    bytesPerMs: 1e9,
    deps: {
      createSocket: network.createSocket,
      now: () => nowMs,
    },
    translate: (each) => {
      translated += 1;
      nowMs += 0.01;
      return plainDocuments(each);
    },
  });
  exporter.enqueue(request(backlog));
  const flushed = exporter.forceFlush();
  const turns: number[] = [];
  for (let before = translated; before < backlog + 1; before = translated) {
    await new Promise(setImmediate);
    if (translated > before) turns.push(translated - before);
  }
  await flushed;
  expect(Math.max(...turns)).toBeLessThanOrEqual(steps);
  expect(exporter.counters().sent).toBe(backlog + 1);
  await exporter.shutdown();
});

test('a receiver that never reads does not block the exporter, and kernel drops are counted', async () => {
  // A process that binds a socket and never reads from it, so that its receive buffer fills up.
  const script = `
    const socket = require('node:dgram').createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      process.stdout.write(String(socket.address().port));
      const idle = new Int32Array(new SharedArrayBuffer(4));
      Atomics.wait(idle, 0, 0, 100_000);
    });`;
  const running = promisify(execFile)(process.execPath, ['-e', script]);
  const { child } = running;
  const port = await new Promise<number>((resolve) => {
    child.stdout?.once('data', (text) => resolve(Number(text)));
  });
  const exporter = new XRayExporter({
    daemon: { host: '127.0.0.1', port },
    translate: plainDocuments,
  });
  for (let index = 0; index < 1_000; index += 1)
    exporter.enqueue([span({ id: hex(index + 1, 16) })]);
  await exporter.shutdown();
  const { sent, queued, receiverDrops } = exporter.counters();
  expect({ sent, queued }).toEqual({ sent: 1_000, queued: 0 });
  expect(receiverDrops).toBeGreaterThan(process.platform === 'linux' ? 100 : -1);
  child.kill('SIGKILL');
  await running.catch(() => {});
});

test('a span that cannot be translated does not affect the others', async () => {
  const { exporter, ids } = overFake({
    translate: (each) => {
      if (each.name === 'bad') throw new Error('bad on purpose');
      return each.name === 'none' ? [] : plainDocuments(each);
    },
  });
  exporter.enqueue([span({ name: 'bad' }), span({ name: 'none' }), span()]);
  await exporter.forceFlush();
  expect(ids()).toEqual([SPAN_ID]);
  expect(exporter.counters()).toMatchObject({ sent: 1, queued: 0, dropped: { untranslatable: 2 } });
  await exporter.shutdown();
});

test('dump receives every document once, as one line', async () => {
  const lines: string[] = [];
  const { exporter } = overFake({ dump: (line) => void lines.push(line) });
  exporter.enqueue(request(2));
  await exporter.shutdown();
  expect(lines.map((line) => flatten(JSON.parse(line)).length)).toEqual([3]);
});

test('a dump function that throws does not affect sending', async () => {
  using logged = collectMessages();
  const { exporter, ids } = overFake({
    dump: () => {
      throw new Error('disk full');
    },
  });
  exporter.enqueue(request(0));
  await exporter.shutdown();
  expect(ids()).toEqual([SPAN_ID]);
  expect(logged.warnings).toEqual(['otel-xray: cannot dump documents: disk full']);
});

test('a document that cannot be serialized does not affect the others', async () => {
  const { exporter, ids } = overFake({
    translate: (each) =>
      plainDocuments(each).map((document) =>
        each.name === 'bad' ? { ...document, metadata: { default: { big: 1n } } } : document,
      ),
  });
  exporter.enqueue([span({ name: 'bad' }), span({ id: 'aaaaaaaaaaaaaaaa' })]);
  await exporter.shutdown();
  expect(ids()).toEqual(['aaaaaaaaaaaaaaaa']);
  expect(exporter.counters().dropped.untranslatable).toBe(1);
});

test('an exception of socket.send() is counted as a network error', async () => {
  const { exporter } = overFake({
    deps: {
      createSocket: (options) =>
        Object.assign(fakeNetwork().createSocket(options), {
          send: () => {
            throw Object.assign(new Error('not running'), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
          },
        }),
    },
  });
  exporter.enqueue(request(0));
  await exporter.shutdown();
  expect(exporter.counters().sendErrors).toEqual({ ERR_SOCKET_DGRAM_NOT_RUNNING: 1 });
});

test('sends over IPv6', async ({ skip }) => {
  const daemon = await startFakeDaemon({ host: '::1' }).catch(() => skip('no IPv6 here'));
  const exporter = new XRayExporter({ daemon: daemon.endpoint, translate: plainDocuments });
  exporter.enqueue(request(1));
  await daemon.received(2);
  await exporter.shutdown();
  await daemon.close();
  expect(exporter.counters().sent).toBe(2);
});

test('the heap does not grow under load', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { network, exporter } = overFake({ bytesPerMs: 1e9, maxQueueSize: 100_000 });
  const used: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (let index = 0; index < 1_500; index += 1) {
      exporter.enqueue(request(3, 100));
      if (index % 50 === 0) await exporter.forceFlush();
    }
    await exporter.forceFlush();
    network.sent.length = 0;
    collect();
    used.push(process.memoryUsage().heapUsed);
  }
  await exporter.shutdown();
  // The first rounds compile code and fill caches; 6,000 leaked spans would be megabytes.
  expect((used[5] ?? 0) - (used[2] ?? 0)).toBeLessThan(1_000_000);
});
