import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { expect, test } from 'vitest';
import { openUdpClient, type ResolvedAddress } from '../../../src/exporter/transport/udp-client.ts';
import { fakeNetwork } from '../../support/fake-socket.ts';
import { collectMessages } from '../../support/messages.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A client over a fake network, with a clock and a name server that the test controls. */
function clientWith(host: string, port: number, answer: string | Error = '10.0.0.1') {
  const network = fakeNetwork();
  const names: { answer: string | Error | Promise<string>; lookups: number } = {
    answer,
    lookups: 0,
  };
  const clock = { ms: 0 };
  const opened: number[] = [];
  const errors: (string | undefined)[] = [];
  const client = openUdpClient(
    { host, port },
    {
      createSocket: network.createSocket,
      resolve: async (): Promise<ResolvedAddress> => {
        names.lookups += 1;
        if (names.answer instanceof Error) throw names.answer;
        return { address: await names.answer, family: 4 };
      },
      now: () => clock.ms,
      onOpen: () => void opened.push(clock.ms),
      onError: ({ code }) => void errors.push(code),
    },
  );
  return {
    client,
    network,
    names,
    opened,
    errors,
    /** Refreshes at this time and waits for the look-up. */
    async at(ms: number) {
      clock.ms = ms;
      client.refresh(ms);
      await new Promise(setImmediate);
    },
    send: () =>
      new Promise((resolve) => {
        client.send(Buffer.from('{}'), resolve);
      }),
  };
}

test.for([
  { host: '127.0.0.1', connection: '127.0.0.1:2001' },
  { host: '::1', connection: '::1:2001' },
  { host: 'localhost', connection: '127.0.0.1:2001' },
])('connects to $host synchronously and without a look-up', ({ host, connection }) => {
  const { client, network, names } = clientWith(host, 2001);
  expect({ open: client.open, connections: network.connections, lookups: names.lookups }).toEqual({
    open: true,
    connections: [connection],
    lookups: 0,
  });
});

test('looks up a host name at start and every five minutes, not per datagram', async () => {
  const { client, network, names, at, send } = clientWith('xray.internal', 2002);
  expect(client.open).toBe(false);
  await at(1);
  for (let index = 0; index < 100; index += 1) await send();
  await at(4 * MINUTE);
  expect(names.lookups).toBe(1);
  await at(6 * MINUTE);
  expect({ lookups: names.lookups, connections: network.connections }).toEqual({
    lookups: 2,
    connections: ['10.0.0.1:2002'],
  });
});

test('connects to the new address of a host name and closes the old socket', async () => {
  const { network, names, at, opened } = clientWith('xray.internal', 2003);
  await at(1);
  names.answer = '10.0.0.2';
  await at(6 * MINUTE);
  expect(network.connections).toEqual(['10.0.0.1:2003', '10.0.0.2:2003']);
  expect({ open: network.open, opened: opened.length }).toEqual({ open: 1, opened: 2 });
});

test('keeps the old socket while it has queued datagrams', async () => {
  const { network, names, at } = clientWith('xray.internal', 2011);
  await at(1);
  names.answer = '10.0.0.2';
  network.waiting = 1;
  await at(6 * MINUTE);
  expect(network.connections).toEqual(['10.0.0.1:2011']);
  network.waiting = 0;
  await at(6 * MINUTE + 6 * SECOND);
  expect(network.connections).toEqual(['10.0.0.1:2011', '10.0.0.2:2011']);
});

test('looks the name up again after ECONNREFUSED, at most once a second', async () => {
  const { network, names, at } = clientWith('xray.internal', 2004);
  await at(1);
  names.answer = '10.0.0.3';
  network.report('ECONNREFUSED');
  await at(500);
  expect(names.lookups).toBe(1);
  await at(1_001);
  expect(network.connections).toEqual(['10.0.0.1:2004', '10.0.0.3:2004']);
  await at(MINUTE);
  names.answer = '10.0.0.4';
  network.report('ECONNREFUSED');
  await at(MINUTE);
  expect(network.connections.at(-1)).toBe('10.0.0.4:2004');
});

test('a pending look-up does not delay sends and is not repeated', async () => {
  const { client, network, names, at, send } = clientWith('xray.internal', 2009);
  await at(1);
  names.answer = new Promise<string>(() => {});
  for (const ms of [6 * MINUTE, 12 * MINUTE]) {
    await at(ms);
    await send();
  }
  expect({ open: client.open, sent: network.sent.length, lookups: names.lookups }).toEqual({
    open: true,
    sent: 2,
    lookups: 2,
  });
});

test('retries an unresolvable name every five seconds and warns once', async () => {
  using logged = collectMessages();
  const unknown = new Error('getaddrinfo ENOTFOUND nowhere.internal');
  const { client, names, at } = clientWith('nowhere.internal', 2005, unknown);
  for (const ms of [1, SECOND, 6 * SECOND, 12 * SECOND]) await at(ms);
  expect({ open: client.open, warnings: logged.warnings.length }).toEqual({
    open: false,
    warnings: 1,
  });
  names.answer = '10.0.0.4';
  await at(20 * SECOND);
  expect(client.open).toBe(true);
});

test('logs once that nothing listens, and once that the daemon is back', async () => {
  using logged = collectMessages();
  const { network, at, send } = clientWith('127.0.0.1', 2006);
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
  expect([logged.warnings.length, logged.infos.length]).toEqual([1, 1]);
  expect(logged.warnings[0]).toContain('nothing listens on udp 127.0.0.1:2006');
  expect(logged.infos[0]).toContain('udp 127.0.0.1:2006 accepts datagrams again');
});

test('retries after five seconds if a socket cannot be opened', async () => {
  using logged = collectMessages();
  const network = fakeNetwork();
  let fails = true;
  const client = openUdpClient(
    { host: '::1', port: 2007 },
    {
      createSocket: (options) => {
        if (fails) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
        return network.createSocket(options);
      },
      resolve: () => Promise.reject(new Error('unexpected look-up')),
      now: () => 0,
      onOpen: () => {},
      onError: () => {},
    },
  );
  expect([client.open, logged.warnings.length]).toEqual([false, 1]);
  fails = false;
  client.refresh(1 * SECOND);
  expect(client.open).toBe(false);
  client.refresh(6 * SECOND);
  expect(client.open).toBe(true);
});

test('look-ups are not traced', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const suppressed: unknown[] = [];
  const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
  openUdpClient(
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
