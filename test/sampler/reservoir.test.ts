import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTargets } from '../../src/sampler/protocol.ts';
import { decide, newReservoir, sampledAt } from '../../src/sampler/reservoir.ts';
import { remainingMs } from '../../src/sampler/server-time.ts';
import { applyTarget, noCounts, withRules } from '../../src/sampler/state.ts';
import { fakeTime, traceIds } from '../support/sampling.ts';
import { CASES, ruleOf } from '../support/sampling-cases.ts';

describe('cases of the specification', () => {
  test.for(CASES.timelines)('$id: $title', ({ rule, events, expected_statistics }) => {
    const time = fakeTime();
    const newId = traceIds(1);
    const [state] = withRules([], [ruleOf(rule)], 0);
    const decisions: { t: number; sampled: boolean }[] = [];
    for (const event of events) {
      time.set(event.t * 1000);
      if (event.target !== undefined) {
        const text = JSON.stringify({
          SamplingTargetDocuments: [{ RuleName: 't', ...event.target }],
        });
        const target = readTargets(text).targets[0];
        const at = { serverSeconds: undefined, localSeconds: event.t };
        applyTarget(
          state as NonNullable<typeof state>,
          target as NonNullable<typeof target>,
          {
            quotaMs: remainingMs(target?.quotaEndSeconds, at, 10_000),
            boostMs: remainingMs(target?.boostEndSeconds, at, 10_000),
          },
          time.nowMs,
        );
        continue;
      }
      const { reservoir, counts } = state as NonNullable<typeof state>;
      const sampled = decide(reservoir, counts, newId(), Math.floor(event.t), time);
      decisions.push({ t: event.t, sampled });
    }
    const expected = events.filter(({ request }) => request === true);
    expect(decisions).toEqual(expected.map(({ t, expected }) => ({ t, sampled: expected })));
    expect(state?.counts).toEqual({
      ...noCounts(),
      requests: expected_statistics.RequestCount,
      sampled: expected_statistics.SampledCount,
      borrowed: expected_statistics.BorrowCount,
    });
  });

  test.for(CASES.fixedRate.filter(({ expected }) => expected !== undefined))(
    '$id: a rate of $rate samples $expected',
    ({ rate, expected }) => {
      const newId = traceIds(2);
      const answers = Array.from({ length: 1_000 }, () => sampledAt(Number(rate), newId()));
      expect(new Set(answers)).toEqual(new Set([expected === 'always']));
    },
  );
});

test.for([0.01, 0.05, 0.5, 0.99])('rate.6: a rate of %d holds within four sigma', (rate) => {
  const newId = traceIds(3);
  const trials = 100_000;
  let sampled = 0;
  for (let i = 0; i < trials; i += 1) sampled += Number(sampledAt(rate, newId()));
  const sigma = Math.sqrt((rate * (1 - rate)) / trials);
  expect(Math.abs(sampled / trials - rate)).toBeLessThan(4 * sigma);
});

const hexId = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(''));

test('rate.7: decisions are deterministic for an id and a rate, and monotone in the rate', () => {
  fc.assert(
    fc.property(
      hexId,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (id, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(sampledAt(low, id)).toBe(sampledAt(low, id));
        expect(sampledAt(low, id) && !sampledAt(high, id)).toBe(false);
        expect(sampledAt(high, id.toUpperCase())).toBe(sampledAt(high, id));
      },
    ),
  );
});

test('a jump of the wall clock only starts or ends a second, for any quota', () => {
  const allowance = Object.assign(newReservoir(5, 0), { quota: 1, quotaEndMs: 60_000 });
  const counts = noCounts();
  const at = (wallMs: number) =>
    decide(allowance, counts, '0'.repeat(32), Math.floor(wallMs / 1000), { steadyMs: () => 1 });
  expect([at(1_000), at(1_500), at(-3_600_000), at(9e12), at(1_000)]).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});

test('with rate 0, no more requests are sampled per second than the quota and one borrowed', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 1_500 }),
    quota: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    lifeMs: fc.integer({ min: 0, max: 3_000 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const allowance = newReservoir(3, 0);
      const counts = noCounts();
      let nowMs = 0;
      const taken = new Map<number, number>();
      for (const { afterMs, quota, lifeMs } of events) {
        nowMs += afterMs;
        if (quota !== undefined) Object.assign(allowance, { quota, quotaEndMs: nowMs + lifeMs });
        const second = Math.floor(nowMs / 1000);
        const sampled = decide(allowance, counts, 'f'.repeat(32), second, {
          steadyMs: () => nowMs,
        });
        taken.set(second, (taken.get(second) ?? 0) + Number(sampled));
      }
      expect(Math.max(0, ...taken.values())).toBeLessThanOrEqual(4 + 1);
      expect(counts.requests).toBe(events.length);
      expect(counts.borrowed).toBeLessThanOrEqual(counts.sampled);
    }),
  );
});
