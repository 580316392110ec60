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
