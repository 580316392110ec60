import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conditionsOf, isMet } from '../../src/sampler/match.ts';
import { inOrder, readRule, type SamplingRule, sameRule } from '../../src/sampler/rule.ts';
import { indexRules } from '../../src/sampler/rule-index.ts';
import { type ServiceInput, serviceInput } from '../../src/sampler/rule-input.ts';
import { CASES, rawRule, ruleOf } from '../support/sampling-cases.ts';

/** Whether a request meets every condition of a rule. The index must return the same result. */
function ruleMatches(rule: SamplingRule, attributes: Attributes, service: ServiceInput): boolean {
  return conditionsOf(rule).every((condition) => isMet(condition, attributes, service));
}

/** Queries the index twice: the second result comes from the cache. */
function found(rules: readonly SamplingRule[], attributes: Attributes, resource: Attributes) {
  const service = serviceInput({ resource });
  const index = indexRules(
    rules.map((rule) => ({ rule, value: rule.RuleName })),
    service,
  );
  const first = index.find(attributes);
  expect(index.find(attributes)).toBe(first);
  return first;
}

/** Rules that never match, enough to enable the cache of the index. */
const FILLER = Array.from({ length: 20 }, (_, i) =>
  ruleOf({ RuleName: `filler-${i}`, URLPath: `/never/${i}`, Host: 'nowhere.example' }),
);

describe('cases of the specification', () => {
  test.for(CASES.ruleMatch)('$id: $title', ({ rule, attributes, resource, expected }) => {
    const read = ruleOf(rule);
    expect(ruleMatches(read, attributes, serviceInput({ resource }))).toBe(expected);
    expect(found([read], attributes, resource)).toBe(expected ? read.RuleName : undefined);
    expect(found([...FILLER, read], attributes, resource)).toBe(
      expected ? read.RuleName : undefined,
    );
  });

  test.for(CASES.order)('$id: $title', ({ rules, expected }) => {
    const { RuleName: _, ...nameless } = rawRule();
    const read = rules.flatMap((rule) => readRule({ ...nameless, ...rule }).rule ?? []);
    expect(inOrder(read).map(({ RuleName }) => RuleName)).toEqual(expected);
  });

  test.for(CASES.equality)('$id', (row) => {
    expect(sameRule(ruleOf(row.old), ruleOf(row.new))).toBe(row.expected_equal);
  });
});

test.for([
  { rule: 'not an object', value: 7, problem: 'a rule that is not an object' },
  { rule: 'no name', value: rawRule({ RuleName: '' }), problem: 'a rule without RuleName' },
  {
    rule: 'an unknown version',
    value: rawRule({ Version: 2 }),
    problem: 'rule "t": Version 2 is not 1',
  },
  {
    rule: 'a priority that is a string',
    value: rawRule({ Priority: '1' }),
    problem: 'rule "t": Priority is not a number',
  },
  {
    rule: 'a null reservoir',
    value: rawRule({ ReservoirSize: null }),
    problem: 'rule "t": ReservoirSize is not a number',
  },
  {
    rule: 'a host that is a list',
    value: rawRule({ Host: [] }),
    problem: 'rule "t": Host is not a string',
  },
  {
    rule: 'attributes that are numbers',
    value: rawRule({ Attributes: { a: 1 } }),
    problem: 'rule "t": Attributes are not strings',
  },
])('an invalid rule is skipped, with the reason: $rule', ({ value, problem }) => {
  expect(readRule(value)).toEqual({ problem });
});

test('a rate is clamped to its limits, and the default pattern is *', () => {
  const { Host: _, ...rest } = rawRule({ FixedRate: 7, ReservoirSize: -3 });
  expect(readRule(rest).rule).toMatchObject({ FixedRate: 1, ReservoirSize: 0, Host: '*' });
});

test('the segment name and the origin are matched as well as the resource', () => {
  const service = serviceInput({
    serviceName: 'shop',
    origin: 'AWS::ECS::Fargate',
    resource: { 'service.name': 'other' },
  });
  expect(ruleMatches(ruleOf({ ServiceName: 'shop' }), {}, service)).toBe(true);
  expect(ruleMatches(ruleOf({ ServiceName: 'other' }), {}, service)).toBe(false);
  expect(ruleMatches(ruleOf({ ServiceType: '*Fargate' }), {}, service)).toBe(true);
});

const paths = fc.constantFrom('/', '/a', '/a/b', '/x?y', '');
const hosts = fc.constantFrom('h', 'H:80', 'other');
const requests: fc.Arbitrary<Attributes> = fc.record(
  {
    'http.request.method': fc.constantFrom('GET', 'POST', '_OTHER'),
    'http.request.method_original': fc.constantFrom('PURGE', 'GET'),
    'http.method': fc.constantFrom('GET', 'POST'),
    'url.path': paths,
    'http.target': paths,
    'server.address': hosts,
    'server.port': fc.constantFrom(80, 8080),
    'http.host': hosts,
    'net.host.name': hosts,
    'http.request.header.host': fc.array(hosts, { maxLength: 2 }),
    tenant: fc.constantFrom('gold', 'silver', 7),
    'aws.lambda.invoked_arn': fc.constantFrom('arn:a', 'arn:b'),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Attributes>;
const pattern = fc.constantFrom(
  '*',
  '*',
  '/a*',
  '/',
  '?',
  'G*',
  'h',
  'h:80',
  'arn:a',
  'gold',
  '*b',
);
const anyRule = fc
  .record({
    Host: fc.constantFrom('*', 'h', 'h:80', '*:8080', 'other*'),
    HTTPMethod: fc.constantFrom('*', 'GET', 'P*', '?????'),
    URLPath: fc.constantFrom('*', '*', '/a*', '/', '/?', '*b'),
    ResourceARN: pattern,
    ServiceName: fc.constantFrom('*', 'shop', 'billing'),
    Attributes: fc.constantFrom({}, {}, { tenant: 'gold' }, { tenant: '*', other: '*' }),
  })
  .map((parts) => ruleOf(parts));

test('the compiled index finds the same rule as evaluating all rules', () => {
  const resource = { 'service.name': 'shop' };
  const service = serviceInput({ resource });
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 14 }),
      fc.array(requests, { minLength: 4, maxLength: 12 }),
      (rules, all) => {
        const index = indexRules(
          rules.map((rule, value) => ({ rule, value })),
          service,
        );
        for (const attributes of [...all, ...all]) {
          const expected = rules.findIndex((rule) => ruleMatches(rule, attributes, service));
          expect(index.find(attributes) ?? -1).toBe(expected);
        }
      },
    ),
    { numRuns: 1_500 },
  );
});

test('ten thousand different paths use bounded memory and give correct results', () => {
  const rules = [
    ...FILLER,
    ruleOf({ RuleName: 'odd', URLPath: '*1' }),
    ruleOf({ RuleName: 'all' }),
  ];
  const index = indexRules(
    rules.map((rule) => ({ rule, value: rule.RuleName })),
    serviceInput({}),
  );
  const answers = new Set<string | undefined>();
  for (let i = 0; i < 10_000; i += 1) {
    const name = index.find({ 'http.request.method': 'GET', 'url.path': `/p/${i}` });
    answers.add(`${i % 10 === 1} ${name}`);
  }
  expect([...answers].sort()).toEqual(['false all', 'true odd']);
});

test.for<{ key: string; rule: Record<string, string>; fits: Attributes; differs: Attributes }>([
  {
    key: 'http.request.method',
    rule: { HTTPMethod: 'GET' },
    fits: { 'http.request.method': 'GET' },
    differs: { 'http.request.method': 'PUT' },
  },
  {
    key: 'http.request.method_original',
    rule: { HTTPMethod: 'PURGE' },
    fits: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' },
    differs: { 'http.request.method': '_OTHER', 'http.request.method_original': 'LINK' },
  },
  {
    key: 'http.method',
    rule: { HTTPMethod: 'GET' },
    fits: { 'http.method': 'GET' },
    differs: { 'http.method': 'PUT' },
  },
  {
    key: 'server.address',
    rule: { Host: 'a' },
    fits: { 'server.address': 'a' },
    differs: { 'server.address': 'b' },
  },
  {
    key: 'server.port',
    rule: { Host: 'a:1' },
    fits: { 'server.address': 'a', 'server.port': 1 },
    differs: { 'server.address': 'a', 'server.port': 2 },
  },
  {
    key: 'http.host',
    rule: { Host: 'a' },
    fits: { 'http.host': 'a' },
    differs: { 'http.host': 'b' },
  },
  {
    key: 'net.host.name',
    rule: { Host: 'a' },
    fits: { 'net.host.name': 'a' },
    differs: { 'net.host.name': 'b' },
  },
  {
    key: 'net.host.port',
    rule: { Host: 'a:1' },
    fits: { 'net.host.name': 'a', 'net.host.port': 1 },
    differs: { 'net.host.name': 'a', 'net.host.port': 2 },
  },
  {
    key: 'http.request.header.host',
    rule: { Host: 'a' },
    fits: { 'http.request.header.host': ['a'] },
    differs: { 'http.request.header.host': ['b'] },
  },
  {
    key: 'an attribute of the rule',
    rule: { HTTPMethod: '*' },
    fits: { tenant: 'a' },
    differs: { tenant: 'b' },
  },
])('cached results for a path depend on $key', ({ rule, fits, differs }) => {
  const Attributes = 'tenant' in fits ? { tenant: 'a' } : {};
  const rules = [
    ...FILLER,
    ruleOf({ ...rule, Attributes, RuleName: 'own' }),
    ruleOf({ RuleName: 'rest' }),
  ];
  const index = indexRules(
    rules.map((value) => ({ rule: value, value: value.RuleName })),
    serviceInput({}),
  );
  const path = { 'url.path': '/same' };
  const found = [fits, differs, fits, differs].map((more) => index.find({ ...path, ...more }));
  expect(found).toEqual(['own', 'rest', 'own', 'rest']);
});
