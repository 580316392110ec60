import { describe, expect, test } from 'vitest';
import { Boosts, neededRate } from '../../src/local/service/boosts.ts';

const RULE = { FixedRate: 0.05, SamplingRateBoost: { MaxRate: 0.8, CooldownWindowMinutes: 10 } };
/** A time at the start of a ten-minute window. */
const START = 1_763_600_400 - (1_763_600_400 % 600);

function anomalies(count: number, sampled = 0) {
  return { ruleName: 'r', anomalies: count, sampledAnomalies: sampled };
}

test.for([
  { anomalies: 0, rate: 0 },
  { anomalies: 1, rate: 0.95 },
  { anomalies: 8, rate: 0.312 },
  { anomalies: 100, rate: 0.03 },
])(
  'the rate samples one of $anomalies anomalies with a probability of 95%',
  ({ anomalies, rate }) => {
    expect(neededRate(anomalies)).toBeCloseTo(rate, 3);
  },
);

describe('a boost', () => {
  test.for([
    { name: 'is limited by MaxRate', reports: [anomalies(1)], rate: 0.8 },
    { name: 'adds up the reports of a minute', reports: [anomalies(4), anomalies(4)], rate: 0.527 },
    { name: 'needs an anomaly', reports: [anomalies(0)], rate: undefined },
    { name: 'needs no boost with a sampled anomaly', reports: [anomalies(9, 1)], rate: undefined },
    { name: 'is above the fixed rate', reports: [anomalies(100)], rate: undefined },
  ])('$name', ({ reports, rate }) => {
    const boosts = new Boosts();
    for (const [index, report] of reports.entries()) boosts.report(report, RULE, START + index);
    const active = boosts.active('r', START + 10)?.BoostRate;
    expect(active && Math.round(active * 1000) / 1000).toBe(rate);
  });

  test('ends after a minute, and the next one starts in the next cooldown window', () => {
    const boosts = new Boosts();
    const report = (at: number) => boosts.report(anomalies(1), RULE, at);
    report(START + 180);
    expect(boosts.active('r', START + 239)).toEqual({
      BoostRate: 0.8,
      BoostRateTTL: START + 240,
    });
    expect(boosts.active('r', START + 240)).toBeUndefined();
    report(START + 590);
    expect(boosts.active('r', START + 590)).toBeUndefined();
    report(START + 600);
    expect(boosts.active('r', START + 600)?.BoostRateTTL).toBe(START + 660);
  });

  test('with a window of one minute continues while there are anomalies', () => {
    const boosts = new Boosts();
    const rule = { ...RULE, SamplingRateBoost: { MaxRate: 0.8, CooldownWindowMinutes: 1 } };
    const times = Array.from({ length: 30 }, (_, index) => START + 30 + index * 10);
    const active = times.map((at) => {
      boosts.report(anomalies(1), rule, at);
      return boosts.active('r', at) !== undefined;
    });
    expect(active).toEqual(times.map(() => true));
  });

  test('is not given to a rule without SamplingRateBoost', () => {
    const boosts = new Boosts();
    boosts.report(anomalies(9), { FixedRate: 0 }, START);
    expect(boosts.active('r', START)).toBeUndefined();
  });
});
