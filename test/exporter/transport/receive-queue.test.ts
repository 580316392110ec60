import { expect, test } from 'vitest';
import { openReceiveQueueReader } from '../../../src/exporter/transport/receive-queue.ts';

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 0100007F:07D0 00000000:0000 07 00000000:0001E000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  102: 0100007F:9C40 0100007F:07D0 01 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 0
  103: 0200007F:07D1 00000000:0000 07 00000000:0001E000 00:00000000 00000000     0        0 12348 2 0000000000000000 18
  104: 00000000:07D2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12349 2 0000000000000000 0
  103: 0100007F:07D0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 3
`;

test.for([
  {
    rule: 'finds the socket that listens on the port',
    host: '127.0.0.1',
    port: 2_000,
    state: { socketId: '12345', waitingBytes: 122_880, drops: 17 },
  },
  {
    rule: 'finds it for localhost',
    host: 'localhost',
    port: 2_000,
    state: { socketId: '12345', waitingBytes: 122_880, drops: 17 },
  },
  {
    rule: 'ignores a socket of another address',
    host: '127.0.0.1',
    port: 2_001,
    state: undefined,
  },
  {
    rule: 'finds a socket of all addresses',
    host: '127.0.0.1',
    port: 2_002,
    state: { socketId: '12349', waitingBytes: 0, drops: 0 },
  },
  {
    rule: 'ignores connected sockets with the same port',
    host: '127.0.0.1',
    port: 40_000,
    state: undefined,
  },
])('receive queue reader: $rule', ({ host, port, state }) => {
  const readQueue = openReceiveQueueReader({ host, port }, () => ({
    read: (into) => into.write(UDP),
  }));
  expect(readQueue?.()).toEqual(state);
});

test.for([
  { rule: 'another host', host: '10.0.0.1', open: () => ({ read: () => 0 }) },
  {
    rule: 'a table that cannot be read',
    host: '127.0.0.1',
    open: () => ({
      read: () => {
        throw new Error('EIO');
      },
    }),
  },
  {
    rule: 'a system without /proc',
    host: '127.0.0.1',
    open: () => {
      throw new Error('ENOENT');
    },
  },
])('receive queue reader: undefined for $rule', ({ host, open }) => {
  expect(openReceiveQueueReader({ host, port: 2_000 }, open)?.()).toBe(undefined);
});

/** A table whose text the test sets, read like a file; records how many bytes each reading asked for. */
function tableOf(text: string) {
  const table = { text, asked: [] as number[] };
  const readQueue = openReceiveQueueReader({ host: '127.0.0.1', port: 2_000 }, (path) => ({
    read(into) {
      if (path !== '/proc/net/udp') return 0;
      table.asked.push(into.length);
      return into.write(table.text);
    },
  }));
  return { table, readQueue: () => readQueue?.() };
}

test('receive queue reader: reads again only up to the end of the line that it found', () => {
  const { table, readQueue } = tableOf(UDP);
  readQueue();
  table.text = UDP.replace('0001E000', '00000300');
  expect(readQueue()).toEqual({ socketId: '12345', waitingBytes: 768, drops: 17 });
  expect(table.asked.at(-1)).toBe(UDP.indexOf('  102:'));
});

/** The same with another socket before it. */
const LATER = UDP.replace('  101:', '   99: 0100007F:0001 0\n  101:');

test.for([
  { rule: 'a socket before it is opened', before: UDP, after: LATER },
  { rule: 'a socket before it is closed', before: LATER, after: UDP },
  { rule: 'its line becomes longer', before: UDP, after: UDP.replace(' 17\n', ' 170\n') },
  { rule: 'it is closed', before: UDP, after: UDP.replace(/ {2}101.*\n/, '') },
  { rule: 'the table is empty', before: UDP, after: '' },
])('receive queue reader: reads the whole table again if $rule', ({ before, after }) => {
  const { table, readQueue } = tableOf(before);
  readQueue();
  table.text = after;
  const expected = tableOf(after).readQueue();
  expect([readQueue(), readQueue()]).toEqual([expected, expected]);
});
