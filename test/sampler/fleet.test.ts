import { expect, test } from 'vitest';
import { simulateFleet } from '../../benchmarks/support/fleet.ts';

const BASE = { reservoir: 50, rate: 0.05, warmSeconds: 20, seconds: 20 };

test.for([
  { rule: 'one process', processes: 1, load: () => 100, quotaSeconds: 15 },
  { rule: 'ten processes', processes: 10, load: () => 20, quotaSeconds: 15 },
  { rule: 'a thousand processes', processes: 1_000, load: () => 10, quotaSeconds: 15 },
  {
    rule: 'quotas that last no longer than an interval',
    processes: 1_000,
    load: () => 10,
    quotaSeconds: 10,
  },
])(
  'a fleet samples what one process would, within 2 %: $rule',
  ({ processes, load, quotaSeconds }) => {
    const { error, reported } = simulateFleet({ ...BASE, processes, load, quotaSeconds });
    expect(Math.abs(error)).toBeLessThan(0.02);
    expect(reported).toBe(1);
  },
);

test('processes that come and go sample little more: each borrows only until its first quota', () => {
  const fleet = { ...BASE, processes: 1_000, load: () => 10 };
  const { error } = simulateFleet({ ...fleet, lifeSeconds: 60 });
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.12);
});

test('without its control plane each process borrows one a second and no more', () => {
  const fleet = { ...BASE, warmSeconds: 30, processes: 100, load: () => 10 };
  const { sampled, requests } = simulateFleet({ ...fleet, isOut: (seconds) => seconds >= 10 });
  expect(sampled).toBeGreaterThan(100);
  expect(sampled).toBeLessThan(100 + 0.06 * requests);
});

test('the simulation gives the same figures for the same seed', () => {
  const options = { ...BASE, processes: 20, load: () => 10, seconds: 5, seed: 7 };
  expect(simulateFleet(options)).toEqual(simulateFleet(options));
});
