import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Endpoint, parseDaemonAddress } from '../../src/daemon-address.ts';
import { parseLocalRules, readLocalRules } from '../../src/sampler/local-rules.ts';
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

test('the rules of a file', () => {
  const path = join(folder, 'good.json');
  writeFileSync(path, JSON.stringify({ version: 1, default: { fixed_target: 2, rate: 0.5 } }));
  expect(rulesFromFile(path)).toMatchObject([
    { RuleName: 'Default', ReservoirSize: 2, FixedRate: 0.5 },
  ]);
  expect(warn).not.toHaveBeenCalled();
});

test.for([
  { rule: 'is not there', text: undefined, line: 'ENOENT' },
  { rule: 'is not JSON', text: 'version: 2', line: '$: not JSON' },
  {
    rule: 'has problems',
    text: '{"version":2,"x":1}',
    line: '$.x: unknown key\n  $.default: missing',
  },
])('a file that $rule is reported once and counts as none', ({ text, line }) => {
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
])('rules in the form of the AWS CLI: $form', ({ value }) => {
  const { rules, problems } = parseLocalRules(JSON.stringify(value));
  expect(problems).toEqual([]);
  expect(rules.map(({ RuleName, FixedRate }) => ({ RuleName, FixedRate }))).toEqual([
    { RuleName: 't', FixedRate: 0.05 },
  ]);
});

test('anything at all is rules or problems, never both and never an exception', () => {
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
      expect(rules.length > 0 && problems.length > 0).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

interface AddressCase {
  readonly id: string;
  readonly value: string;
  readonly expected: { readonly udp: Endpoint; readonly tcp: Endpoint } | string;
}

/** The address without a text is the default, which the reader of the environment knows. */
const addresses = (CASES.address as readonly AddressCase[]).filter(({ value }) => value !== '');
/** A single `tcp:` or `udp:` is taken, the other protocol keeping its default. */
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

  test('address.8: one protocol alone leaves the other at its default', () => {
    expect(parseDaemonAddress(TAKEN)).toEqual({
      udp: { host: '127.0.0.1', port: 2000 },
      tcp: { host: '10.0.0.2', port: 2001 },
    });
  });
});
