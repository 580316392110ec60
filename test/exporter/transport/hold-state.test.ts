import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  confirmMs,
  createDrainLimiter,
  createHoldState,
} from '../../../src/exporter/transport/hold-state.ts';

/** Plays events against the clock; returns the mode after each, and when the next action is due. */
function played(events: readonly (readonly [atMs: number, event: string])[]) {
  const state = createHoldState(20);
  return events.map(([atMs, event]) => {
    if (event === 'refused') state.refused(atMs);
    else if (event === 'probed') state.probed(atMs);
    else state.update(atMs);
    return `${state.mode} ${state.nextMs}`;
  });
}

test('holds when a send is refused, and sends when a probe is not refused for 20 ms', () => {
  expect(
    played([
      [0, 'update'],
      [10, 'refused'],
      [50, 'update'],
      [110, 'probed'],
      [120, 'update'],
      [130, 'update'],
    ]),
  ).toEqual([
    'sending Infinity',
    'holding 110',
    'holding 110',
    'probing 130',
    'probing 130',
    'sending Infinity',
  ]);
});

test('each refused probe doubles the delay, up to a second', () => {
  const state = createHoldState(20);
  const delays: number[] = [];
  let nowMs = 0;
  for (let probe = 0; probe < 6; probe += 1) {
    state.refused(nowMs);
    delays.push(state.nextMs - nowMs);
    nowMs = state.nextMs;
    state.probed(nowMs);
  }
  expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test('several refusals of one burst count as one', () => {
  expect(
    played([
      [0, 'refused'],
      [1, 'refused'],
      [2, 'refused'],
    ]),
  ).toEqual(['holding 100', 'holding 100', 'holding 100']);
});

test('a refusal soon after sending was resumed keeps the longer delay; a late one starts anew', () => {
  const events = (againMs: number) =>
    played([
      [0, 'refused'],
      [100, 'probed'],
      [120, 'update'],
      [againMs, 'refused'],
    ]).at(-1);
  expect([events(200), events(10_000)]).toEqual(['holding 400', 'holding 10100']);
});

test('it never sends while refused, and always has a next action', () => {
  const event = fc.constantFrom('refused', 'probed', 'update');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), event)), (steps) => {
      const state = createHoldState(20);
      let nowMs = 0;
      let refusedAtMs = Number.NEGATIVE_INFINITY;
      for (const [elapsedMs, name] of steps) {
        nowMs += elapsedMs;
        if (name === 'refused') {
          state.refused(nowMs);
          refusedAtMs = nowMs;
        } else if (name === 'probed') {
          // The send loop probes only when that is due.
          if (state.mode === 'holding' && nowMs >= state.nextMs) state.probed(nowMs);
        } else state.update(nowMs);
        expect(state.mode !== 'sending' || nowMs - refusedAtMs >= 20).toBe(true);
        expect(Number.isFinite(state.nextMs)).toBe(state.mode !== 'sending');
      }
    }),
  );
});

test.for([
  { host: '127.0.0.1', ms: 20 },
  { host: 'localhost', ms: 20 },
  { host: '::1', ms: 20 },
  { host: '10.0.0.1', ms: 250 },
  { host: 'xray-daemon', ms: 250 },
])('a probe to $host counts as received after $ms ms', ({ host, ms }) => {
  expect(confirmMs(host)).toBe(ms);
});

test('drains 16 datagrams at once, then 2 per millisecond', () => {
  const limiter = createDrainLimiter();
  const sent = (nowMs: number, written = 100) => {
    let count = 0;
    while (limiter.tryAcquire(written, nowMs)) count += 1;
    return count;
  };
  expect([sent(0), sent(1), sent(3), sent(3)]).toEqual([16, 2, 4, 0]);
  // Every new datagram lets one more leave, so that the queue shrinks at any rate.
  expect([sent(3, 140), sent(4, 140)]).toEqual([40, 2]);
  // What was written while nothing was sent is held, not new.
  expect(sent(10_000, 5_000)).toBe(16);
});
