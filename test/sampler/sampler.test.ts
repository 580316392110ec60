import {
  type Attributes,
  type Context,
  createContextKey,
  createTraceState,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { flagDeferred, flagRootOnly } from '../../src/propagation/span-context-flags.ts';
import { ruleHash } from '../../src/sampler/boost.ts';
import { decidedSampler } from '../../src/sampler/decided.ts';
import { XRaySampler, type XRaySamplerOptions } from '../../src/sampler/index.ts';
import { readLocalRules } from '../../src/sampler/local-rules.ts';
import {
  type FakeTime,
  type FakeXRay,
  fakeTime,
  fakeXRay,
  reported,
  rulesReply,
} from '../support/sampling.ts';
import { CASES, rawRule } from '../support/sampling-cases.ts';

const TRACE_ID = '5759e988bd862e3fe1be46a994272793';
const KIND = { INTERNAL: 0, SERVER: 1, CLIENT: 2, PRODUCER: 3 } as const;

const open: XRaySampler[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sampler) => sampler.shutdown()));
});

interface Desk {
  readonly sampler: XRaySampler;
  readonly time: FakeTime;
  readonly xray: FakeXRay;
}

/** A sampler with a fake clock and a fake X-Ray with these rules. Without rules, it never responds. */
function desk(options: XRaySamplerOptions = {}, rules?: readonly unknown[]): Desk {
  const time = fakeTime(1_000_000);
  const xray = fakeXRay(time);
  if (rules !== undefined) {
    xray.answer((call) =>
      call.reply(call.path === '/GetSamplingRules' ? rulesReply(...rules) : {}),
    );
  }
  const deps = { clock: time, schedule: time.schedule, random: () => 0.5, client: () => xray };
  const sampler = new XRaySampler({ ...options, deps });
  open.push(sampler);
  return { sampler, time, xray };
}

interface Ask {
  readonly parent?: SpanContext | undefined;
  readonly kind?: keyof typeof KIND;
  readonly attributes?: Attributes;
  readonly context?: Context;
}

function ask(
  sampler: Pick<XRaySampler, 'shouldSample'>,
  { parent, kind = 'SERVER', attributes = {}, context = ROOT_CONTEXT }: Ask = {},
) {
  const active = parent === undefined ? context : trace.setSpanContext(context, parent);
  return sampler.shouldSample(active, TRACE_ID, 'GET /', KIND[kind], attributes, []);
}

function parentOf(parts: { remote: boolean; sampled?: boolean }, more: Partial<SpanContext> = {}) {
  const parent: SpanContext = {
    traceId: TRACE_ID,
    spanId: '53995c3f42cd8ad8',
    traceFlags: parts.sampled === true ? 1 : 0,
    ...(parts.remote ? { isRemote: true } : {}),
    ...more,
  };
  return parent;
}

const ALL = rawRule({ RuleName: 'all', Priority: 100, ReservoirSize: 0, FixedRate: 1 });
const NOTHING = rawRule({ RuleName: 'nothing', ReservoirSize: 0, FixedRate: 0 });

describe('cases of the specification', () => {
  test.for(CASES.parentBased)('$id', async ({ parent, expected }) => {
    // The rule has the opposite decision of the parent, to show which one applied.
    const isKept = parent !== 'none' && parent.sampled === true;
    const { sampler, time, xray } = desk({}, [isKept ? NOTHING : ALL]);
    await time.advance(10);
    const remote = parent === 'none' ? undefined : parentOf(parent);
    if (parent !== 'none' && parent.deferred === true) flagDeferred(remote as SpanContext);
    if (parent !== 'none' && parent.rootOnly === true) flagRootOnly(remote as SpanContext);
    const { decision } = ask(sampler, { parent: remote });
    expect(decision).toBe(expected === 'rules' ? 2 : expected ? 2 : 0);
    await time.advance(11_000);
    const counted = xray.callsTo('/SamplingTargets').map((call) => reported(call));
    expect(counted.length).toBe(expected === 'rules' ? 1 : 0);
  });

  test.for(CASES.localRules)('$id: valid is $valid', ({ file, valid, decisions = [] }) => {
    const { rules, problems } = readLocalRules(file);
    expect(problems.length === 0).toBe(valid);
    const { sampler } = desk({ localRules: rules, centralized: false });
    const answers = decisions.map(({ attributes }) => ask(sampler, { attributes }).decision === 2);
    expect(answers).toEqual(decisions.map(({ expected }) => expected));
  });

  test.for(CASES.xrsr)('$id: $rule', ({ rule, expected }) => {
    expect(ruleHash(rule)).toBe(expected);
  });
});

test('stats.10: one request with eight children counts once', async () => {
  const { sampler, time, xray } = desk({}, [ALL]);
  await time.advance(10);
  ask(sampler);
  for (let i = 0; i < 8; i += 1) {
    const child = ask(sampler, {
      parent: parentOf({ remote: false, sampled: true }),
      kind: 'CLIENT',
    });
    expect(child).toEqual({ decision: 2 });
  }
  await time.advance(11_000);
  const [call] = xray.callsTo('/SamplingTargets').map(reported);
  expect(call?.SamplingStatisticsDocuments).toMatchObject([{ RequestCount: 1, SampledCount: 1 }]);
});

test('without a response, the first request is sampled and then one per second', async () => {
  const { sampler, time } = desk();
  // A trace id with high last digits, which is not sampled at 5%.
  const decisions = [ask(sampler), ask(sampler)];
  await time.advance(1_000);
  decisions.push(ask(sampler));
  expect(decisions).toEqual([{ decision: 2 }, { decision: 0 }, { decision: 2 }]);
});

test('the span has the name of the rule', async () => {
  const { sampler, time } = desk({}, [ALL]);
  await time.advance(10);
  expect(ask(sampler)).toEqual({
    decision: 2,
    attributes: { 'aws.xray.sampling_rule_name': 'all' },
  });
});

test('decisions reuse the same result objects', async () => {
  const { sampler, time } = desk({}, [rawRule({ FixedRate: 0, URLPath: '/a' }), ALL]);
  await time.advance(10);
  const attributes = { 'url.path': '/a' };
  ask(sampler, { attributes });
  expect(ask(sampler, { attributes })).toBe(ask(sampler, { attributes }));
  expect(ask(sampler)).toBe(ask(sampler));
});

test('after an hour without a response, local rules apply until new rules arrive', async () => {
  const { rules } = readLocalRules({ version: 2, default: { fixed_target: 0, rate: 0 } });
  const { sampler, time, xray } = desk({ localRules: rules }, [ALL]);
  await time.advance(10);
  expect(ask(sampler).decision).toBe(2);
  xray.answer((call) => call.fail('ECONNREFUSED'));
  await time.advance(3_650_000);
  expect(ask(sampler).decision).toBe(0);
  xray.answer((call) => call.reply(rulesReply(ALL)));
  await time.advance(305_000);
  expect(ask(sampler).decision).toBe(2);
});

test.for([
  { respect: 'always', parent: { remote: true, sampled: false }, decision: 0 },
  { respect: 'sampled-only', parent: { remote: true, sampled: false }, decision: 2 },
  { respect: 'sampled-only', parent: { remote: true, sampled: true }, decision: 2 },
  { respect: 'never', parent: { remote: true, sampled: false }, decision: 2 },
  { respect: 'never', parent: { remote: false, sampled: false }, decision: 0 },
] as const)('respectParent $respect with $parent', async ({ respect, parent, decision }) => {
  const { sampler, time } = desk({ respectParent: respect }, [ALL]);
  await time.advance(10);
  expect(ask(sampler, { parent: parentOf(parent) }).decision).toBe(decision);
});

test('a parent of another trace, whose trace id the SDK does not use, is ignored', async () => {
  const { sampler, time } = desk({}, [ALL]);
  await time.advance(10);
  const parent = parentOf({ remote: true, sampled: false }, { traceId: '0'.repeat(32) });
  expect(ask(sampler, { parent }).decision).toBe(2);
});

test.for([
  { rule: 'a path', kind: 'SERVER', attributes: { 'url.path': '/health/live' }, decision: 0 },
  {
    rule: 'a path in the old semantic conventions',
    kind: 'SERVER',
    attributes: { 'http.target': '/health?x' },
    decision: 0,
  },
  {
    rule: 'a user agent',
    kind: 'SERVER',
    attributes: { 'user_agent.original': 'kube-probe/1.33' },
    decision: 0,
  },
  {
    rule: 'a health check of a load balancer',
    kind: 'SERVER',
    attributes: { 'user_agent.original': 'ELB-HealthChecker/2.0' },
    decision: 0,
  },
  {
    rule: 'another path',
    kind: 'SERVER',
    attributes: { 'url.path': '/healthy/../cart' },
    decision: 2,
  },
  {
    rule: 'a call to another service',
    kind: 'CLIENT',
    attributes: { 'url.path': '/health/live' },
    decision: 2,
  },
] as const)('never sampled: $rule', async ({ kind, attributes, decision }) => {
  const { sampler, time } = desk(
    {
      ignorePaths: ['/health', '/health/*'],
      ignoreUserAgents: ['kube-probe/*'],
      ignoreHealthChecks: true,
    },
    [ALL],
  );
  await time.advance(10);
  expect(ask(sampler, { kind, attributes }).decision).toBe(decision);
});

test('an ignored request is not sampled even if its caller is, and is not counted', async () => {
  const { sampler, time, xray } = desk({ ignorePaths: ['/health'] }, [ALL]);
  await time.advance(10);
  const attributes = { 'url.path': '/health' };
  const parent = parentOf({ remote: true, sampled: true });
  expect([ask(sampler, { attributes }), ask(sampler, { attributes, parent })]).toEqual([
    { decision: 0 },
    { decision: 0 },
  ]);
  await time.advance(11_000);
  expect(xray.callsTo('/SamplingTargets')).toEqual([]);
});

test('outgoing calls outside a request can be dropped', async () => {
  const { sampler, time } = desk({ rootClientSpans: 'drop' }, [ALL]);
  await time.advance(10);
  const parent = parentOf({ remote: false, sampled: true });
  expect(ask(sampler, { kind: 'CLIENT' }).decision).toBe(0);
  expect(ask(sampler, { kind: 'PRODUCER' }).decision).toBe(0);
  expect(ask(sampler, { kind: 'INTERNAL' }).decision).toBe(2);
  expect(ask(sampler, { kind: 'CLIENT', parent }).decision).toBe(2);
});

test('a rule that may be boosted is propagated in the trace state; upstream entries are kept', async () => {
  const boost = { MaxRate: 0.5, CooldownWindowMinutes: 10 };
  const { sampler, time } = desk({}, [{ ...ALL, RuleName: 'Default', SamplingRateBoost: boost }]);
  await time.advance(10);
  const withState = (text: string) => {
    const parent = parentOf({ remote: true }, { traceState: createTraceState(text) });
    flagDeferred(parent);
    return ask(sampler, { parent }).traceState?.serialize();
  };
  expect(ask(sampler).traceState?.serialize()).toBe('xrsr=21b111cbfe6e8fca');
  expect(withState('a=1')).toBe('xrsr=21b111cbfe6e8fca,a=1');
  expect(withState('xrsr=other,a=1')).toBe('xrsr=other,a=1');
});

test('rules on the service are evaluated with the resource once it is set', async () => {
  const { sampler, time } = desk({}, [
    rawRule({ RuleName: 'shop', ServiceName: 'shop', ReservoirSize: 0, FixedRate: 1 }),
    rawRule({ RuleName: 'rest', Priority: 2, ReservoirSize: 0, FixedRate: 0 }),
  ]);
  await time.advance(10);
  expect(ask(sampler).decision).toBe(0);
  sampler.setResource({ 'service.name': 'shop' });
  expect(ask(sampler).decision).toBe(2);
  sampler.setResource({ 'service.name': 'other' }, { serviceName: 'Shop' });
  expect(ask(sampler).decision).toBe(2);
});

test('explain returns the rule with its fields and does not count the request', async () => {
  const { sampler, time } = desk({ resource: { 'service.name': 'shop' }, ignorePaths: ['/up'] }, [
    rawRule({
      RuleName: 'writes',
      HTTPMethod: 'P*T',
      URLPath: '/checkout/*',
      Attributes: { tenant: 'gold*' },
    }),
    rawRule({ RuleName: 'Default', Priority: 10_000, ReservoirSize: 1, FixedRate: 0.05 }),
  ]);
  await time.advance(10);
  ask(sampler);
  const explained = sampler.explain({ method: 'post', url: 'https://shop.example/checkout/7?a=b' });
  expect(explained).toEqual({
    source: 'X-Ray',
    rule: 'Default',
    ignored: undefined,
    rules: [
      {
        name: 'writes',
        priority: 1,
        matches: false,
        fields: [
          { field: 'HTTPMethod', pattern: 'P*T', candidates: ['POST'], matches: true },
          { field: 'URLPath', pattern: '/checkout/*', candidates: ['/checkout/7'], matches: true },
          { field: 'Attributes.tenant', pattern: 'gold*', candidates: [], matches: false },
        ],
      },
      { name: 'Default', priority: 10_000, matches: true, fields: [] },
    ],
    state: {
      reservoirSize: 1,
      quota: undefined,
      quotaSecondsLeft: undefined,
      takenThisSecond: 1,
      borrowedThisSecond: 1,
      rate: 0.05,
      isBoosted: false,
      requests: 1,
      sampled: 1,
    },
  });
  expect(
    sampler.explain({ url: '/checkout/7', method: 'PUT', attributes: { tenant: 'Gold' } }).rule,
  ).toBe('writes');
  expect(sampler.explain({ url: '/up' })).toMatchObject({
    rule: undefined,
    ignored: 'its path matches /up',
  });
});

test('explain shows the built-in rule before the first response', () => {
  const { sampler } = desk();
  expect(sampler.explain({ method: 'GET', url: '/' })).toMatchObject({
    source: 'built in',
    rule: 'Default',
    state: { quota: 1, rate: 0.05 },
  });
});

test.for([
  { rule: 'no caller', parent: undefined, decision: 0 },
  { rule: 'a header without a decision', parent: { remote: true, deferred: true }, decision: 0 },
  { rule: 'a caller that sampled', parent: { remote: true, sampled: true }, decision: 2 },
  { rule: 'a caller that did not sample', parent: { remote: true, sampled: false }, decision: 0 },
  {
    rule: 'a sampled parent in this process',
    parent: { remote: false, sampled: true },
    decision: 2,
  },
  { rule: 'an unsampled parent in this process', parent: { remote: false }, decision: 0 },
])('decidedOnly, as in Lambda: $rule', async ({ parent, decision }) => {
  const { sampler, time, xray } = desk({ decidedOnly: true }, [ALL]);
  await time.advance(10);
  const remote = parent && parentOf(parent);
  if (parent !== undefined && 'deferred' in parent) flagDeferred(remote as SpanContext);
  expect(ask(sampler, { parent: remote }).decision).toBe(decision);
  expect(ask(decidedSampler(), { parent: remote }).decision).toBe(decision);
  expect(xray.calls).toEqual([]);
});

test('decidedSampler samples nothing inside withoutSampling', () => {
  const parent = parentOf({ remote: true, sampled: true });
  const context = ROOT_CONTEXT.setValue(createContextKey('otel-xray without sampling'), true);
  expect(ask(decidedSampler(), { parent })).toEqual({ decision: 2 });
  expect(ask(decidedSampler(), { parent, context })).toEqual({ decision: 0 });
});

test('status returns the state of the sampler', async () => {
  const { sampler, time } = desk({ endpoint: 'daemon:2001' }, [ALL]);
  expect(sampler.status()).toMatchObject({ usesRemoteRules: false, rules: 0 });
  await time.advance(10);
  expect(sampler.status()).toEqual({
    address: 'daemon:2001',
    usesRemoteRules: true,
    rules: 1,
    localRules: 0,
    counts: { fetches: 1, reports: 0, faults: 0, skipped: 0, dropped: 0 },
  });
});

test('ten thousand rules cost no more than ten once a path is cached', async () => {
  /** How often the attributes of a request are read for one decision. */
  const readsWith = async (count: number): Promise<number> => {
    const rules = Array.from({ length: count }, (_, i) =>
      rawRule({
        RuleName: `r${i}`,
        Priority: i,
        URLPath: `/api/${i}/*`,
        HTTPMethod: 'GET',
        Host: 'h*',
      }),
    );
    const { sampler, time } = desk({}, [...rules, { ...ALL, Priority: 9_999 }]);
    await time.advance(10);
    let reads = 0;
    const attributes = new Proxy<Attributes>(
      { 'http.request.method': 'GET', 'url.path': '/static', 'server.address': 'h' },
      {
        get(target, key) {
          reads += 1;
          return Reflect.get(target, key);
        },
      },
    );
    expect(ask(sampler, { attributes }).decision).toBe(2);
    reads = 0;
    ask(sampler, { attributes });
    return reads;
  };
  expect(await readsWith(10_000)).toBe(await readsWith(10));
});

test('the root sampler ignores the parent', async () => {
  const { sampler, time } = desk({}, [ALL]);
  await time.advance(10);
  const active = trace.setSpanContext(ROOT_CONTEXT, parentOf({ remote: false, sampled: false }));
  expect(sampler.rootSampler().shouldSample(active, TRACE_ID, '', 1, {}, []).decision).toBe(2);
});

test('shutdown reports the remaining counts, stops, and can be repeated; decisions continue', async () => {
  const { sampler, time, xray } = desk({}, [ALL]);
  await time.advance(10);
  ask(sampler);
  await sampler.shutdown();
  await sampler.shutdown();
  const reports = xray.callsTo('/SamplingTargets');
  expect(
    reports.map((call) => [call.limitMs, reported(call).SamplingStatisticsDocuments.length]),
  ).toEqual([[500, 1]]);
  expect(xray.isClosed).toBe(true);
  const before = xray.calls.length;
  await time.advance(3_700_000);
  expect(xray.calls.length).toBe(before);
  expect(ask(sampler).decision).toBe(2);
});

test.for([
  { option: { endpoint: 'ftp://x' }, message: /ftp:\/\/x/ },
  { option: { endpoint: '' }, message: /sampling endpoint/ },
  { option: { pollingIntervalMs: 9_999 }, message: /9999/ },
  { option: { pollingIntervalMs: Number.NaN }, message: /NaN/ },
])('an invalid option throws: $option', ({ option, message }) => {
  expect(() => new XRaySampler(option)).toThrow(message);
});

test('a span whose attributes cannot be read is skipped and does not throw', async () => {
  const { sampler, time } = desk({}, [rawRule({ URLPath: '/a' }), ALL]);
  await time.advance(10);
  const attributes = Object.defineProperty({}, 'url.path', {
    get() {
      throw new Error('no');
    },
  }) as Attributes;
  expect(ask(sampler, { attributes })).toEqual({ decision: 0 });
});
