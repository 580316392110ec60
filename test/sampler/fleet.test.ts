import { expect, test } from 'vitest';
import { simulateFleet } from '../../benchmarks/support/fleet.ts';

const BASE = { reservoir: 50, rate: 0.05, warmSeconds: 20, seconds: 20 };

test.for([
  { rule: 'one process', processes: 1, load: () => 100, quotaSeconds: 15 },
  { rule: 'ten processes', processes: 10, load: () => 20, quotaSeconds: 15 },
  { rule: 'a thousand processes', processes: 1_000, load: () => 10, quotaSeconds: 15 },
  {
    rule: 'quotas that expire after one interval',
    processes: 1_000,
    load: () => 10,
    quotaSeconds: 10,
  },
])(
  'a fleet samples as many requests as one process, within 2%: $rule',
  ({ processes, load, quotaSeconds }) => {
    const { error, reported } = simulateFleet({ ...BASE, processes, load, quotaSeconds });
    expect(Math.abs(error)).toBeLessThan(0.02);
    expect(reported).toBe(1);
  },
);

test('short-lived processes sample few additional requests: each borrows only until its first quota', () => {
  const fleet = { ...BASE, processes: 1_000, load: () => 10 };
  const { error } = simulateFleet({ ...fleet, lifeSeconds: 60 });
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.12);
});

test('without responses from X-Ray, each process borrows at most one request per second', () => {
  const fleet = { ...BASE, warmSeconds: 30, processes: 100, load: () => 10 };
  const { sampled, requests } = simulateFleet({ ...fleet, isOut: (seconds) => seconds >= 10 });
  expect(sampled).toBeGreaterThan(100);
  expect(sampled).toBeLessThan(100 + 0.06 * requests);
});

test('the simulation is deterministic for a seed', () => {
  const options = { ...BASE, processes: 20, load: () => 10, seconds: 5, seed: 7 };
  expect(simulateFleet(options)).toEqual(simulateFleet(options));
});
