import { expect, test } from 'vitest';
import { chargeBytes, createRateLimiter } from '../../../src/exporter/transport/rate-limiter.ts';

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

test('fills twice as fast while the receiver is visible', () => {
  const limiter = createRateLimiter(1_000, { visible: true });
  expect([0, 1].map((nowMs) => limiter.tryAcquire(2_000, nowMs))).toEqual([true, true]);
});
