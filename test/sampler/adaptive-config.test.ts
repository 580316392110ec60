import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readAdaptiveConfig } from '../../src/sampler/adaptive/conditions.ts';
import { adaptiveConfig } from '../../src/start/adaptive-config.ts';

const BOTH = { boost: true, capture: true };
const NO_CRITERIA = { errorCode: undefined, operations: undefined, highLatencyMs: undefined };

/** The examples of AWS's developer guide and blog. */
describe('examples of AWS', () => {
  test('the file of the developer guide', () => {
    const text = `version: 1.0
anomalyConditions:
  - errorCodeRegex: "^5\\\\d\\\\d$"
    usage: both
  - operations:
      - "/api"
    errorCodeRegex: "^429|5\\\\d\\\\d$"
    highLatencyMs: 300
    usage: sampling-boost
  - highLatencyMs: 1000
    usage: anomaly-span-capture

anomalyCaptureLimit:
  anomalyTracesPerSecond: 1
`;
    expect(adaptiveConfig(text)).toEqual({
      config: {
        conditions: [
          { ...NO_CRITERIA, errorCode: /^(?:^5\d\d$)$/, ...BOTH },
          {
            errorCode: /^(?:^429|5\d\d$)$/,
            operations: new Set(['/api']),
            highLatencyMs: 300,
            boost: true,
            capture: false,
          },
          { ...NO_CRITERIA, highLatencyMs: 1000, boost: false, capture: true },
        ],
        tracesPerSecond: 1,
      },
      problems: [],
    });
  });

  test('the variable in one line', () => {
    const text =
      '{version: 1.0, anomalyConditions: [{errorCodeRegex: "^500$", usage: "sampling-boost"}, {errorCodeRegex: "^501$", usage: "anomaly-trace-capture"}], anomalyCaptureLimit: {anomalyTracesPerSecond: 10}}';
    expect(adaptiveConfig(text)).toEqual({
      config: {
        conditions: [
          { ...NO_CRITERIA, errorCode: /^(?:^500$)$/, boost: true, capture: false },
          { ...NO_CRITERIA, errorCode: /^(?:^501$)$/, boost: false, capture: true },
        ],
        tracesPerSecond: 10,
      },
      problems: [],
    });
  });
});

describe('sources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'adaptive-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a file', () => {
    const file = join(folder, 'adaptive.yaml');
    writeFileSync(file, 'version: 1.0\nanomalyCaptureLimit: { anomalyTracesPerSecond: 5 }\n');
    expect(adaptiveConfig(file).config).toEqual({ conditions: undefined, tracesPerSecond: 5 });
  });

  test('an object of the code', () => {
    const config = { version: 1, anomalyConditions: [] };
    expect(adaptiveConfig(config).config).toEqual({ conditions: [], tracesPerSecond: 1 });
  });
});

test.for([
  {
    value: 'no-such-file.yaml',
    problem: /^ENOENT.*no-such-file.yaml.*; the configuration is ignored$/,
  },
  { value: '{version: 1.0', problem: /^Flow map .*; the configuration is ignored$/ },
  { value: '{version: 1}\n---\n[1]', problem: /; the configuration is ignored$/ },
  { value: '{version: 2.0}', problem: /^version 2 is not supported; expected 1.0; / },
])('a configuration that cannot be used is ignored as a whole: $value', ({ value, problem }) => {
  expect(adaptiveConfig(value)).toEqual({
    config: undefined,
    problems: [expect.stringMatching(problem)],
  });
});

test.for([
  {
    condition: { errorCodeRegex: '(' },
    problem: 'anomalyConditions[0].errorCodeRegex "(": expected a regular expression',
  },
  {
    condition: { highLatencyMs: 0 },
    problem: 'anomalyConditions[0].highLatencyMs 0: expected a number above 0',
  },
  {
    condition: { operations: '/api', highLatencyMs: 1 },
    problem: 'anomalyConditions[0].operations: expected a list of strings',
  },
  {
    condition: { highLatencyMs: 1, usage: 'all' },
    problem:
      'anomalyConditions[0].usage "all": expected both, sampling-boost or anomaly-trace-capture',
  },
  { condition: 5, problem: 'anomalyConditions[0]: expected a mapping' },
])('an invalid condition is skipped: $problem', ({ condition, problem }) => {
  const value = { anomalyConditions: [condition, { highLatencyMs: 10 }] };
  expect(readAdaptiveConfig(value)).toEqual({
    config: { conditions: [{ ...NO_CRITERIA, highLatencyMs: 10, ...BOTH }], tracesPerSecond: 1 },
    problems: [`${problem}; the condition is skipped`],
  });
});

test('without a valid condition, the default conditions apply', () => {
  const value = { anomalyConditions: [{ errorCodeRegex: '(' }] };
  expect(readAdaptiveConfig(value).config?.conditions).toBeUndefined();
});

test('unknown keys and an invalid limit are reported, and the rest applies', () => {
  const value = {
    version: '1.0',
    extra: 1,
    anomalyConditions: [{ highLatencyMs: 5, latency: 5 }],
    anomalyCaptureLimit: { anomalyTracesPerSecond: -1 },
  };
  expect(readAdaptiveConfig(value)).toEqual({
    config: { conditions: [{ ...NO_CRITERIA, highLatencyMs: 5, ...BOTH }], tracesPerSecond: 1 },
    problems: [
      'extra: unknown key; it is ignored',
      'anomalyConditions[0].latency: unknown key; it is ignored',
      'anomalyCaptureLimit.anomalyTracesPerSecond -1: expected a whole number from 0; using 1',
    ],
  });
});

test('any text and any object is read without an exception', () => {
  fc.assert(fc.property(fc.string(), (text) => adaptiveConfig(`{${text}`) !== undefined));
  fc.assert(fc.property(fc.jsonValue(), (value) => readAdaptiveConfig(value) !== undefined));
});
