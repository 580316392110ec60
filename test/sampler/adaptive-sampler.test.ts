import { createTraceState, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { type AdaptiveHooks, ruleHash } from '../../src/sampler/boost.ts';
import { XRaySampler, type XRaySamplerOptions } from '../../src/sampler/index.ts';
import { fakeTime, fakeXRay, rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';

const TRACE_ID = '5759e988bd862e3fe1be46a994272793';
const NOTHING = { ReservoirSize: 0, FixedRate: 0 };
const BOOST = { SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 1 } };
const BOOSTED = rawRule({ RuleName: 'boosted', Priority: 1, ...NOTHING, ...BOOST });
const PLAIN = rawRule({ RuleName: 'another', Priority: 1, ...NOTHING });
const SERVER = 1;

const open: XRaySampler[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sampler) => sampler.shutdown()));
});

async function desk(
  rules: readonly unknown[],
  hooks: Partial<AdaptiveHooks> | undefined,
  options: XRaySamplerOptions = {},
) {
  const time = fakeTime(1_000_000);
  const xray = fakeXRay(time);
  xray.answer((call) => call.reply(call.path === '/GetSamplingRules' ? rulesReply(...rules) : {}));
  const sampler = new XRaySampler(
    {
      resource: { 'service.name': 'shop' },
      ...options,
      deps: { clock: time, schedule: time.schedule, random: () => 0.5, client: () => xray },
    },
    hooks && { capture: false, onActive: () => {}, ...hooks },
  );
  open.push(sampler);
  await time.advance(10);
  const ask = (parent?: SpanContext, isRecording?: boolean) => {
    const context =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpan(ROOT_CONTEXT, {
            ...trace.wrapSpanContext(parent),
            spanContext: () => parent,
            isRecording: () => isRecording === true,
          } as never);
    return sampler.shouldSample(context, TRACE_ID, 'GET /', SERVER, {}, []);
  };
  return { sampler, time, xray, ask };
}

function parentOf(parts: Partial<SpanContext> = {}): SpanContext {
  return { traceId: TRACE_ID, spanId: '53995c3f42cd8ad8', traceFlags: 0, ...parts };
}

const XRSR = createTraceState(`xrsr=${ruleHash('boosted')}`);
const OTHER = createTraceState('xrsr=0123456789abcdef');
const DROP = 0;
const RECORD = 1;
const SAMPLE = 2;

describe('an unsampled request is recorded', () => {
  const REMOTE = { isRemote: true };
  test.for([
    // Without adaptive sampling.
    { name: 'root', rules: [BOOSTED], hooks: 'none' as const, expected: DROP },
    {
      name: 'remote',
      rules: [BOOSTED],
      hooks: 'none' as const,
      parent: { ...REMOTE, traceState: XRSR },
      expected: DROP,
    },
    // X-Ray may boost a rule.
    { name: 'root of a boosted rule', rules: [BOOSTED], expected: RECORD },
    { name: 'root of another rule', rules: [PLAIN, BOOSTED], expected: DROP },
    {
      name: 'remote root of a boosted rule',
      rules: [BOOSTED],
      parent: { ...REMOTE, traceState: XRSR },
      expected: RECORD,
    },
    {
      name: 'remote root of an unknown rule',
      rules: [BOOSTED],
      parent: { ...REMOTE, traceState: OTHER },
      expected: DROP,
    },
    { name: 'remote root without a rule', rules: [BOOSTED], parent: REMOTE, expected: DROP },
    {
      name: 'remote root, no boosted rule',
      rules: [PLAIN],
      parent: { ...REMOTE, traceState: XRSR },
      expected: DROP,
    },
    {
      name: 'child of a recorded span',
      rules: [BOOSTED],
      parent: {},
      isRecording: true,
      expected: DROP,
    },
    // Anomalies are kept.
    { name: 'root', rules: [PLAIN], hooks: { capture: true }, expected: RECORD },
    { name: 'remote', rules: [PLAIN], hooks: { capture: true }, parent: REMOTE, expected: RECORD },
    {
      name: 'child of a recorded span',
      rules: [PLAIN],
      hooks: { capture: true },
      parent: {},
      isRecording: true,
      expected: RECORD,
    },
    {
      name: 'child of a dropped span',
      rules: [PLAIN],
      hooks: { capture: true },
      parent: {},
      isRecording: false,
      expected: DROP,
    },
    {
      name: 'remote, sampled',
      rules: [PLAIN],
      hooks: { capture: true },
      parent: { ...REMOTE, traceFlags: 1 },
      expected: SAMPLE,
    },
  ])(
    '$name, hooks $hooks: $expected',
    async ({ rules, hooks = {}, parent, isRecording, expected }) => {
      const { ask } = await desk(rules, hooks === 'none' ? undefined : hooks);
      expect(ask(parent && parentOf(parent), isRecording).decision).toBe(expected);
    },
  );

  test.for([
    { name: 'an ignored path', options: { ignorePaths: ['/'] } },
    { name: 'in Lambda', options: { decidedOnly: true } },
  ])('but not $name', async ({ options }) => {
    const { sampler } = await desk([BOOSTED], { capture: true }, options);
    const attributes = { 'url.path': '/' };
    const { decision } = sampler.shouldSample(
      ROOT_CONTEXT,
      TRACE_ID,
      'GET',
      SERVER,
      attributes,
      [],
    );
    expect(decision).toBe(DROP);
  });

  test('with the hash of its rule, for the services that it calls', async () => {
    const { ask } = await desk([BOOSTED], {});
    expect(ask().traceState?.serialize()).toBe(`xrsr=${ruleHash('boosted')}`);
  });
});

test('the observer is asked for once, when the first rule with a boost arrives', async () => {
  let asked = 0;
  const { ask, xray, time } = await desk([PLAIN], { onActive: () => (asked += 1) });
  ask();
  expect(asked).toBe(0);
  xray.answer((call) => call.reply(call.path === '/GetSamplingRules' ? rulesReply(BOOSTED) : {}));
  await time.advance(310_000);
  ask();
  ask();
  expect(asked).toBe(1);
});

describe('reports', () => {
  const outcome = { isAnomaly: true, isByDefault: true };

  test('contain the anomalies of each rule', async () => {
    const { ask, sampler, time, xray } = await desk([BOOSTED], {});
    const { traceState } = ask();
    const root = parentOf(traceState && { traceState });
    sampler.countRequest(root, { isAnomaly: false, isByDefault: false });
    sampler.countRequest(root, outcome);
    sampler.countRequest({ ...root, traceFlags: 1 }, outcome);
    sampler.countRequest(parentOf({ traceState: OTHER }), outcome);
    sampler.countRequest(parentOf(), outcome);
    await time.advance(11_000);
    expect(JSON.parse(xray.callsTo('/SamplingTargets')[0]?.body ?? '')).toEqual({
      SamplingStatisticsDocuments: [
        {
          ClientID: expect.any(String),
          RuleName: 'boosted',
          Timestamp: expect.any(Number),
          RequestCount: 1,
          SampledCount: 0,
          BorrowCount: 0,
        },
      ],
      SamplingBoostStatisticsDocuments: [
        {
          RuleName: 'boosted',
          ServiceName: 'shop',
          Timestamp: expect.any(Number),
          TotalCount: 3,
          AnomalyCount: 2,
          SampledAnomalyCount: 1,
        },
      ],
    });
  });

  test('of a service that starts no requests contain the anomalies', async () => {
    const { ask, sampler, time, xray } = await desk([BOOSTED], {});
    const parent = parentOf({ isRemote: true, traceState: XRSR });
    ask(parent);
    sampler.countRequest(parent, outcome);
    await time.advance(11_000);
    const { SamplingStatisticsDocuments, SamplingBoostStatisticsDocuments } = JSON.parse(
      xray.callsTo('/SamplingTargets')[0]?.body ?? '',
    );
    expect(SamplingStatisticsDocuments[0].RequestCount).toBe(0);
    expect(SamplingBoostStatisticsDocuments[0].AnomalyCount).toBe(1);
  });

  test('leave the key out without an observed request', async () => {
    const { ask, time, xray } = await desk([BOOSTED], {});
    ask();
    await time.advance(11_000);
    const body = JSON.parse(xray.callsTo('/SamplingTargets')[0]?.body ?? '');
    expect(Object.keys(body)).toEqual(['SamplingStatisticsDocuments']);
  });

  test('that fail are repeated once', async () => {
    const { ask, sampler, time, xray } = await desk([BOOSTED], {});
    const { traceState } = ask();
    sampler.countRequest(parentOf(traceState && { traceState }), outcome);
    xray.answer((call) => call.reply('', { status: 500 }));
    await time.advance(2_500);
    xray.answer((call) => call.reply({}));
    await time.advance(30_000);
    const counts = xray
      .callsTo('/SamplingTargets')
      .map(({ body }) => JSON.parse(body).SamplingBoostStatisticsDocuments?.[0].AnomalyCount);
    expect(counts).toEqual([1, 1]);
  });

  test('of a rule with DisableDefaultAnomalyDetection contain configured anomalies only', async () => {
    const boost = { ...BOOST.SamplingRateBoost, DisableDefaultAnomalyDetection: true };
    const rule = { ...BOOSTED, SamplingRateBoost: boost };
    const { ask, sampler, time, xray } = await desk([rule], {});
    const { traceState } = ask();
    const root = parentOf(traceState && { traceState });
    sampler.countRequest(root, outcome);
    sampler.countRequest(root, { isAnomaly: true, isByDefault: false });
    await time.advance(11_000);
    const [document] = JSON.parse(
      xray.callsTo('/SamplingTargets')[0]?.body ?? '',
    ).SamplingBoostStatisticsDocuments;
    expect([document.TotalCount, document.AnomalyCount]).toEqual([2, 1]);
  });
});
