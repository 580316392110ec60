import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Endpoint, parseDaemonAddress } from '../../src/daemon-address.ts';
import { parseLocalRules, readLocalRules } from '../../src/sampler/local-rules.ts';
import { readRule } from '../../src/sampler/rule.ts';
import { rulesFromFile } from '../../src/sampler/rules-file.ts';
import { CASES, rawRule } from '../support/sampling-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'otel-xray-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const warn = vi.fn();
beforeEach(() => {
  const none = () => {};
  const logger: DiagLogger = { error: none, warn, info: none, debug: none, verbose: none };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
});
afterEach(() => {
  diag.disable();
  warn.mockClear();
});

test('reads the rules of a file', () => {
  const path = join(folder, 'good.json');
  writeFileSync(path, JSON.stringify({ version: 1, default: { fixed_target: 2, rate: 0.5 } }));
  expect(rulesFromFile(path)).toMatchObject([
    { RuleName: 'Default', ReservoirSize: 2, FixedRate: 0.5 },
  ]);
  expect(warn).not.toHaveBeenCalled();
});

test.for([
  { rule: 'does not exist', text: undefined, line: 'ENOENT' },
  { rule: 'is not JSON', text: 'version: 2', line: '$: not JSON' },
  { rule: 'has no valid rule', text: '{"version":2,"x":1}', line: '$.x: unknown key, ignored' },
])('a file that $rule logs one warning and has no rules', ({ text, line }) => {
  const path = join(folder, `${text?.length}.json`);
  if (text !== undefined) writeFileSync(path, text);
  expect(rulesFromFile(path)).toBeUndefined();
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toContain(line);
});

test.for([
  { form: 'create-sampling-rule', value: { SamplingRule: rawRule() } },
  {
    form: 'create-sampling-rule without Version',
    value: { SamplingRule: { ...rawRule(), Version: undefined } },
  },
  { form: 'a list of these', value: [{ SamplingRule: rawRule() }] },
  { form: 'bare rules', value: [rawRule()] },
  {
    form: 'get-sampling-rules',
    value: { SamplingRuleRecords: [{ SamplingRule: rawRule(), ModifiedAt: 1 }] },
  },
])('rules in the format of the AWS CLI: $form', ({ value }) => {
  const { rules, problems } = parseLocalRules(JSON.stringify(value));
  expect(problems).toEqual([]);
  expect(rules.map(({ RuleName, FixedRate }) => ({ RuleName, FixedRate }))).toEqual([
    { RuleName: 't', FixedRate: 0.05 },
  ]);
});

const RULE = { host: '*', http_method: '*', url_path: '/health', fixed_target: 0, rate: 0 };
const DEFAULT = { fixed_target: 1, rate: 0.1 };

test.for([
  {
    rule: 'Go and Python: no version',
    file: { default: DEFAULT, rules: [RULE] },
    names: ['local rule 1', 'Default'],
    problems: ['$.version: missing; the file is read as version 2'],
  },
  {
    rule: 'no version, host as in version 1',
    file: { default: DEFAULT, rules: [{ ...RULE, host: undefined, service_name: 'a.example' }] },
    names: ['local rule 1', 'Default'],
    problems: ['$.version: missing; the file is read as version 2'],
  },
  {
    rule: 'Java: an id in each rule',
    file: { version: 2, default: DEFAULT, rules: [{ id: 7, description: 'health', ...RULE }] },
    names: ['1: health', 'Default'],
    problems: ['$.rules[0].id: unknown key, ignored'],
  },
  {
    rule: 'unknown keys at the top and in the default',
    file: { $schema: 'x', version: 2, default: { ...DEFAULT, host: '*' }, rules: [RULE] },
    names: ['local rule 1', 'Default'],
    problems: ['$.$schema: unknown key, ignored', '$.default.host: unknown key, ignored'],
  },
  {
    rule: 'the host of the other version',
    file: { version: 1, default: DEFAULT, rules: [RULE] },
    names: ['local rule 1', 'Default'],
    problems: ['$.rules[0].host: this version of the file names it "service_name"'],
  },
  {
    rule: 'an invalid rule among others',
    file: { version: 2, default: DEFAULT, rules: [{ ...RULE, rate: 2, url_path: 7 }, RULE, null] },
    names: ['local rule 2', 'Default'],
    problems: [
      '$.rules[0].rate: expected a number from 0 to 1, got 2; the rule is skipped',
      '$.rules[0].url_path: expected a pattern, got 7; the rule is skipped',
      '$.rules[2]: expected an object; the rule is skipped',
      '$.rules[2].host: expected a pattern, got nothing; the rule is skipped',
      '$.rules[2].http_method: expected a pattern, got nothing; the rule is skipped',
      '$.rules[2].url_path: expected a pattern, got nothing; the rule is skipped',
    ],
  },
  {
    rule: 'no default',
    file: { version: 2, rules: [RULE] },
    names: ['local rule 1'],
    problems: ['$.default: missing; using 1 request per second, then 5%'],
  },
  {
    rule: 'an unknown version',
    file: { version: 3, default: DEFAULT },
    names: ['Default'],
    problems: ['$.version: 3 is unknown; the file is read as version 2'],
  },
  {
    rule: 'AWS CLI: one record is invalid',
    file: { SamplingRuleRecords: [{ SamplingRule: rawRule() }, { SamplingRule: {} }] },
    names: ['t'],
    problems: ['$.SamplingRuleRecords[1]: a rule without RuleName; the rule is skipped'],
  },
])('valid rules apply: $rule', ({ file, names, problems }) => {
  const read = parseLocalRules(JSON.stringify(file));
  expect(read.rules.map(({ RuleName }) => RuleName)).toEqual(names);
  expect(read.problems).toEqual(problems);
});

test('a file with problems logs one warning, and its other rules apply', () => {
  const path = join(folder, 'partly.json');
  writeFileSync(path, JSON.stringify({ rules: [RULE], default: DEFAULT }));
  expect(rulesFromFile(path)).toHaveLength(2);
  expect(warn.mock.calls).toEqual([
    [
      `otel-xray: sampling rules in ${path} have problems; the other rules in it apply:\n  $.version: missing; the file is read as version 2`,
    ],
  ]);
});

test('any value gives valid rules or problems, and never an exception', () => {
  const half = fc.record(
    {
      version: fc.constantFrom(1, 2, '2', null),
      default: fc.oneof(
        fc.jsonValue(),
        fc.record({ fixed_target: fc.integer(), rate: fc.double() }),
      ),
      rules: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.dictionary(fc.constantFrom('host', 'rate', 'url_path', '__proto__'), fc.jsonValue()),
        ),
      ),
      SamplingRule: fc.jsonValue(),
      SamplingRuleRecords: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), half), (value) => {
      const { rules, problems } = readLocalRules(value);
      expect(rules.length + problems.length).toBeGreaterThan(0);
      for (const rule of rules) expect(readRule({ Version: 1, ...rule }).problem).toBe(undefined);
    }),
    { numRuns: 1_000 },
  );
});

interface AddressCase {
  readonly id: string;
  readonly value: string;
  readonly expected: { readonly udp: Endpoint; readonly tcp: Endpoint } | string;
}

/** Without a value, the address is the default, which is set by the configuration. */
const addresses = (CASES.address as readonly AddressCase[]).filter(({ value }) => value !== '');
/** A single `tcp:` or `udp:` is accepted. The other protocol keeps its default. */
const TAKEN = 'tcp:10.0.0.2:2001';

describe('addresses of the specification', () => {
  test.for(addresses.filter(({ expected }) => typeof expected === 'object'))(
    '$id: $value',
    (row) => {
      expect(parseDaemonAddress(row.value)).toEqual(row.expected);
    },
  );

  test.for(addresses.filter((row) => typeof row.expected === 'string' && row.value !== TAKEN))(
    '$id: $value is none',
    ({ value }) => {
      expect(() => parseDaemonAddress(value)).toThrow(TypeError);
    },
  );

  test('address.8: with one protocol, the other one keeps its default', () => {
    expect(parseDaemonAddress(TAKEN)).toEqual({
      udp: { host: '127.0.0.1', port: 2000 },
      tcp: { host: '10.0.0.2', port: 2001 },
    });
  });
});
