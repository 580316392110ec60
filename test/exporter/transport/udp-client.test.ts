import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { expect, test } from 'vitest';
import { openLink, type ResolvedAddress } from '../../../src/exporter/transport/udp-client.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { collectMessages } from '../../support/messages.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A link over a fake network, with a clock and a name server that the test turns. */
function linked(host: string, port: number, answer: string | Error = '10.0.0.1') {
  const network = fakeNetwork();
  const names: { answer: string | Error | Promise<string>; asked: number } = { answer, asked: 0 };
  const clock = { ms: 0 };
  const opened: number[] = [];
  const errors: (string | undefined)[] = [];
  const link = openLink(
    { host, port },
    {
      createSocket: network.createSocket,
      resolve: async (): Promise<ResolvedAddress> => {
        names.asked += 1;
        if (names.answer instanceof Error) throw names.answer;
        return { address: await names.answer, family: 4 };
      },
      now: () => clock.ms,
      onOpen: () => void opened.push(clock.ms),
      onError: ({ code }) => void errors.push(code),
    },
  );
  return {
    link,
    network,
    names,
    opened,
    errors,
    /** Looks at the address at that time, and lets an answer come in. */
    async at(ms: number) {
      clock.ms = ms;
      link.refresh(ms);
      await new Promise(setImmediate);
    },
    send: () =>
      new Promise((resolve) => {
        link.send(Buffer.from('{}'), resolve);
      }),
  };
}

test.for([
  { host: '127.0.0.1', connection: '127.0.0.1:2001' },
  { host: '::1', connection: '::1:2001' },
  { host: 'localhost', connection: '127.0.0.1:2001' },
])('$host is connected at once, without a look-up', ({ host, connection }) => {
  const { link, network, names } = linked(host, 2001);
  expect({ open: link.open, connections: network.connections, asked: names.asked }).toEqual({
    open: true,
    connections: [connection],
    asked: 0,
  });
});

test('a host name is looked up at start, every five minutes, and not for each datagram', async () => {
  const { link, network, names, at, send } = linked('xray.internal', 2002);
  expect(link.open).toBe(false);
  await at(1);
  for (let index = 0; index < 100; index += 1) await send();
  await at(4 * MINUTE);
  expect(names.asked).toBe(1);
  await at(6 * MINUTE);
  expect({ asked: names.asked, connections: network.connections }).toEqual({
    asked: 2,
    connections: ['10.0.0.1:2002'],
  });
});

test('when the address behind a name changes, the link moves there and closes the old socket', async () => {
  const { network, names, at, opened } = linked('xray.internal', 2003);
  await at(1);
  names.answer = '10.0.0.2';
  await at(6 * MINUTE);
  expect(network.connections).toEqual(['10.0.0.1:2003', '10.0.0.2:2003']);
  expect({ open: network.open, opened: opened.length }).toEqual({ open: 1, opened: 2 });
});

test('a socket that still holds datagrams stays until it has none', async () => {
  const { network, names, at } = linked('xray.internal', 2011);
  await at(1);
  names.answer = '10.0.0.2';
  network.waiting = 1;
  await at(6 * MINUTE);
  expect(network.connections).toEqual(['10.0.0.1:2011']);
  network.waiting = 0;
  await at(6 * MINUTE + 6 * SECOND);
  expect(network.connections).toEqual(['10.0.0.1:2011', '10.0.0.2:2011']);
});

test('a refused datagram makes it look the name up again at once, but once a second at most', async () => {
  const { network, names, at } = linked('xray.internal', 2004);
  await at(1);
  names.answer = '10.0.0.3';
  network.report('ECONNREFUSED');
  await at(500);
  expect(names.asked).toBe(1);
  await at(1_001);
  expect(network.connections).toEqual(['10.0.0.1:2004', '10.0.0.3:2004']);
  await at(MINUTE);
  names.answer = '10.0.0.4';
  network.report('ECONNREFUSED');
  await at(MINUTE);
  expect(network.connections.at(-1)).toBe('10.0.0.4:2004');
});

test('a look-up that gets no answer holds up no send, and is not asked twice', async () => {
  const { link, network, names, at, send } = linked('xray.internal', 2009);
  await at(1);
  names.answer = new Promise<string>(() => {});
  for (const ms of [6 * MINUTE, 12 * MINUTE]) {
    await at(ms);
    await send();
  }
  expect({ open: link.open, sent: network.sent.length, asked: names.asked }).toEqual({
    open: true,
    sent: 2,
    asked: 2,
  });
});

test('a name that cannot be resolved is tried again every five seconds and said once', async () => {
  using said = collectMessages();
  const unknown = new Error('getaddrinfo ENOTFOUND nowhere.internal');
  const { link, names, at } = linked('nowhere.internal', 2005, unknown);
  for (const ms of [1, SECOND, 6 * SECOND, 12 * SECOND]) await at(ms);
  expect({ open: link.open, warnings: said.warnings.length }).toEqual({ open: false, warnings: 1 });
  names.answer = '10.0.0.4';
  await at(20 * SECOND);
  expect(link.open).toBe(true);
});

test('nobody listens: said once; somebody again: said once', async () => {
  using said = collectMessages();
  const { network, at, send } = linked('127.0.0.1', 2006);
  for (const ms of [1, 2, 3]) {
    network.failures.push('ECONNREFUSED');
    await at(ms * SECOND);
    await send();
    network.report('ECONNREFUSED');
  }
  for (const ms of [10, 10.5, 12, 14]) {
    await at(ms * SECOND);
    await send();
  }
  expect([said.warnings.length, said.infos.length]).toEqual([1, 1]);
  expect(said.warnings[0]).toContain('nobody listens on udp 127.0.0.1:2006');
  expect(said.infos[0]).toContain('udp 127.0.0.1:2006 takes datagrams again');
});

test('a socket that cannot be made is tried again after five seconds', async () => {
  using said = collectMessages();
  const network = fakeNetwork();
  let fails = true;
  const link = openLink(
    { host: '::1', port: 2007 },
    {
      createSocket: (options) => {
        if (fails) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
        return network.createSocket(options);
      },
      resolve: () => Promise.reject(new Error('not asked')),
      now: () => 0,
      onOpen: () => {},
      onError: () => {},
    },
  );
  expect([link.open, said.warnings.length]).toEqual([false, 1]);
  fails = false;
  link.refresh(1 * SECOND);
  expect(link.open).toBe(false);
  link.refresh(6 * SECOND);
  expect(link.open).toBe(true);
});

test('a look-up of ours is not traced', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const suppressed: unknown[] = [];
  const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  openLink(
    { host: 'xray.internal', port: 2008 },
    {
      createSocket: fakeNetwork().createSocket,
      resolve: async () => {
        suppressed.push(context.active().getValue(key));
        return { address: '10.0.0.1', family: 4 };
      },
      now: () => 0,
      onOpen: () => {},
      onError: () => {},
    },
  );
  context.disable();
  expect(suppressed).toEqual([true]);
});
