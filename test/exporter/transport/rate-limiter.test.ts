import { expect, test } from 'vitest';
import { chargeBytes, createPace } from '../../../src/exporter/transport/rate-limiter.ts';
import { watchReceiver } from '../../../src/exporter/transport/receive-queue.ts';

test('64 KB at once, then 32 KB for each millisecond', () => {
  const pace = createPace(32_768);
  const sent = (nowMs: number) => {
    let bytes = 0;
    while (pace.take(8_192, nowMs)) bytes += 8_192;
    return bytes;
  };
  expect([sent(0), sent(0.1), sent(1), sent(2), sent(100)]).toEqual([
    65_536, 0, 32_768, 32_768, 65_536,
  ]);
});

test('a datagram larger than the bucket goes when the bucket is full', () => {
  const pace = createPace(1_000);
  expect([pace.take(65_507, 0), pace.take(65_507, 1), pace.take(65_507, 2)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(pace.waitMs(65_507, 2)).toBe(2);
});

test('a clock that steps back does not stop the pace', () => {
  const pace = createPace(1_000);
  expect([pace.take(2_000, 100), pace.take(2_000, 50), pace.take(2_000, 52)]).toEqual([
    true,
    false,
    true,
  ]);
});

test.for([
  { bytes: 100, kernel: 768 },
  { bytes: 600, kernel: 1_280 },
  { bytes: 800, kernel: 2_304 },
  { bytes: 2_048, kernel: 4_352 },
  { bytes: 8_192, kernel: 16_640 },
])('$bytes bytes are charged as the $kernel that the kernel takes', ({ bytes, kernel }) => {
  expect(chargeBytes(bytes)).toBeCloseTo(Math.max(bytes, kernel / 2.17));
});

test('it waits while the receiver is behind, and looks only when much was sent', () => {
  const states = [
    { waitingBytes: 100_000, drops: 0 },
    { waitingBytes: 60_000, drops: 0 },
    { waitingBytes: 0, drops: 0 },
  ];
  let looks = 0;
  const pace = createPace(1_000_000, () => states[looks++]);
  const took = Array.from({ length: 9 }, (_, index) => pace.take(8_000, index));
  expect(took).toEqual([true, true, true, true, true, true, false, false, true]);
  expect(looks).toBe(3);
});

test('a receiver that cannot be seen is not waited for', () => {
  const pace = createPace(1_000_000, () => undefined);
  expect(Array.from({ length: 50 }, () => pace.take(8_000, 0))).not.toContain(false);
});

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 0100007F:07D0 00000000:0000 07 00000000:0001E000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  102: 0100007F:9C40 0100007F:07D0 01 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 0
  103: 0100007F:07D0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 3
`;

test.for([
  {
    rule: 'the socket that listens on the port',
    host: '127.0.0.1',
    port: 2_000,
    state: { waitingBytes: 122_880, drops: 17 },
  },
  {
    rule: 'localhost',
    host: 'localhost',
    port: 2_000,
    state: { waitingBytes: 122_880, drops: 17 },
  },
  {
    rule: 'a connected socket of the port is another one',
    host: '127.0.0.1',
    port: 40_000,
    state: undefined,
  },
])('receiver: $rule', ({ host, port, state }) => {
  const look = watchReceiver({ host, port }, () => ({ read: (into) => into.write(UDP) }));
  expect(look?.()).toEqual(state);
});

test.for([
  { rule: 'another host cannot be seen', host: '10.0.0.1', open: () => ({ read: () => 0 }) },
  {
    rule: 'no /proc',
    host: '127.0.0.1',
    open: () => {
      throw new Error('ENOENT');
    },
  },
])('receiver: $rule', ({ host, open }) => {
  expect(watchReceiver({ host, port: 2_000 }, open)?.()).toBe(undefined);
});
