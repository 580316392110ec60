import { expect, test } from 'vitest';
import { chargeBytes, createRateLimiter } from '../../../src/exporter/transport/rate-limiter.ts';
import { openReceiveQueueReader } from '../../../src/exporter/transport/receive-queue.ts';

test('allows 64 KB at once, then 32 KB per millisecond', () => {
  const limiter = createRateLimiter(32_768);
  const sent = (nowMs: number) => {
    let bytes = 0;
    while (limiter.tryAcquire(8_192, nowMs)) bytes += 8_192;
    return bytes;
  };
  expect([sent(0), sent(0.1), sent(1), sent(2), sent(100)]).toEqual([
    65_536, 0, 32_768, 32_768, 65_536,
  ]);
});

test('a datagram larger than the bucket is allowed when the bucket is full', () => {
  const limiter = createRateLimiter(1_000);
  expect([
    limiter.tryAcquire(65_507, 0),
    limiter.tryAcquire(65_507, 1),
    limiter.tryAcquire(65_507, 2),
  ]).toEqual([true, false, true]);
  expect(limiter.delayMs(65_507, 2)).toBe(2);
});

test('a clock that goes backwards does not stop the refill', () => {
  const limiter = createRateLimiter(1_000);
  expect([
    limiter.tryAcquire(2_000, 100),
    limiter.tryAcquire(2_000, 50),
    limiter.tryAcquire(2_000, 52),
  ]).toEqual([true, false, true]);
});

test.for([
  { bytes: 100, kernel: 768 },
  { bytes: 600, kernel: 1_280 },
  { bytes: 800, kernel: 2_304 },
  { bytes: 2_048, kernel: 4_352 },
  { bytes: 8_192, kernel: 16_640 },
])(
  'a datagram of $bytes bytes costs the $kernel bytes of kernel memory it occupies',
  ({ bytes, kernel }) => {
    expect(chargeBytes(bytes)).toBeCloseTo(Math.max(bytes, kernel / 2.17));
  },
);

test('waits while the receive queue has a backlog, and reads the queue only every 48 KB', () => {
  const states = [
    { waitingBytes: 100_000, drops: 0 },
    { waitingBytes: 60_000, drops: 0 },
    { waitingBytes: 0, drops: 0 },
  ];
  let reads = 0;
  const limiter = createRateLimiter(1_000_000, () => states[reads++]);
  const allowed = Array.from({ length: 9 }, (_, index) => limiter.tryAcquire(8_000, index));
  expect(allowed).toEqual([true, true, true, true, true, true, false, false, true]);
  expect(reads).toBe(3);
});

test('does not wait for a receiver whose queue is not visible', () => {
  const limiter = createRateLimiter(1_000_000, () => undefined);
  expect(Array.from({ length: 50 }, () => limiter.tryAcquire(8_000, 0))).not.toContain(false);
});

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 0100007F:07D0 00000000:0000 07 00000000:0001E000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
  102: 0100007F:9C40 0100007F:07D0 01 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 0
  103: 0100007F:07D0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 3
`;

test.for([
  {
    rule: 'finds the socket that listens on the port',
    host: '127.0.0.1',
    port: 2_000,
    state: { waitingBytes: 122_880, drops: 17 },
  },
  {
    rule: 'finds it for localhost',
    host: 'localhost',
    port: 2_000,
    state: { waitingBytes: 122_880, drops: 17 },
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
    rule: 'a system without /proc',
    host: '127.0.0.1',
    open: () => {
      throw new Error('ENOENT');
    },
  },
])('receive queue reader: undefined for $rule', ({ host, open }) => {
  expect(openReceiveQueueReader({ host, port: 2_000 }, open)?.()).toBe(undefined);
});
