import { describe, expect, test } from 'vitest';
import type { Figure } from '../../benchmarks/support/figure.ts';
import { report } from '../../benchmarks/support/report.ts';
import { median } from '../../benchmarks/support/start.ts';
import type { Suite } from '../../benchmarks/support/suite.ts';
import { summary } from '../../benchmarks/support/summary.ts';

const SHARE: Suite = {
  name: 'trace',
  about: 'CPU time of a trace',
  unit: 'µs per trace',
  reference: 'X-Ray SDK',
  must: 0.2,
  goal: 0.17,
  subjects: () => [],
  measure: async () => Number.NaN,
};
const MACHINE = { node: 'v24.0.0', cpu: '2 × CPU', rounds: 2 };

function figures(values: Readonly<Record<string, number>>, suite = 'trace'): readonly Figure[] {
  return Object.entries(values).map(([subject, value]) => ({ suite, subject, values: [value] }));
}

/** Returns the cells of the only row of a summary. */
function cellsOf(suite: Suite, values: Readonly<Record<string, number>>): readonly string[] {
  const row = summary([suite], figures(values)).split('\n')[2] ?? '';
  return row.split('|').map((cell) => cell.trim());
}

test.each([
  [[3], 3],
  [[1, 2], 1.5],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
  [[], Number.NaN],
])('median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

describe('summary of the benchmarks', () => {
  test.each<[string, Partial<Suite>, Readonly<Record<string, number>>, string]>([
    ['share of the reference', {}, { 'otel-xray': 17, 'X-Ray SDK': 100 }, 'goal met'],
    ['share of the reference', {}, { 'otel-xray': 20, 'X-Ray SDK': 100 }, 'limit met'],
    ['share of the reference', {}, { 'otel-xray': 21, 'X-Ray SDK': 100 }, '**over the limit**'],
    ['units', { limits: 'units' }, { 'otel-xray': 0.1, 'X-Ray SDK': 0.01 }, 'goal met'],
    [
      'multiple of the minimum',
      { limits: 'times send alone', must: 2, goal: 1.5 },
      { 'otel-xray': 9, 'send alone': 5, 'X-Ray SDK': 1 },
      'limit met',
    ],
    ['cache on and off', { reference: 'off' }, { on: 3, off: 30 }, 'goal met'],
    ['reference not installed', {}, { 'otel-xray': 17, 'dd-trace': 20 }, '–'],
  ])('limits as a %s: %j, %j', (_, change, values, expected) => {
    expect(cellsOf({ ...SHARE, ...change }, values)[5]).toBe(expected);
  });

  test('the best peer is the fastest subject that traces an app', () => {
    const values = {
      'otel-xray': 12,
      'no exporter': 6,
      'send alone': 2,
      'X-Ray SDK': 60,
      'dd-trace': 24,
    };
    expect(cellsOf(SHARE, values).slice(1, 5)).toEqual([
      'trace',
      '12.0 µs',
      'dd-trace (24.0)',
      '0.50',
    ]);
  });

  test('without peers, nothing is compared', () => {
    expect(cellsOf(SHARE, { 'otel-xray': 12 }).slice(3, 5)).toEqual(['–', '–']);
  });
});

test('the report names the suites that were measured in runs of their own', () => {
  const alone = figures({ 'otel-xray': 12 }).map((each) => ({ ...each, alone: true }));
  const other = figures({ 'otel-xray': 1 }, 'start');
  const suites = [SHARE, { ...SHARE, name: 'start' }];
  expect(report([...alone, ...other], suites, MACHINE)).toContain(
    'Measured in runs of their own: trace (1 round).\n',
  );
  expect(report([...alone, ...other], suites, MACHINE)).toContain('medians of\n1 round in which');
  expect(report(alone, suites, MACHINE)).toContain('medians of\n2 rounds in which');
  expect(report(other, suites, MACHINE)).not.toContain('runs of their own');
});
