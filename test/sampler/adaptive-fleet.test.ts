import { ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { Sampling } from '../../src/local/service/sampling.ts';
import { Tags } from '../../src/local/service/tags.ts';
import { Store } from '../../src/local/store/store.ts';
import { XRaySampler } from '../../src/sampler/index.ts';
import { fakeTime, traceIds } from '../support/sampling.ts';

const START_MS = 1_763_600_000_000;
const INTERVAL_MS = 10_000;

/** The sampling rules and targets of the local X-Ray, on a fake clock. */
function localXRay(now: () => number) {
  const store = new Store(':memory:', { traces: 1, bytes: 1e6 });
  const context = {
    store,
    now,
    region: 'eu-west-1',
    account: '000000000000',
    ingester: undefined as never,
    arrived: () => {},
    rulesChanged: () => {},
  };
  const sampling = new Sampling(context, new Tags(context), {
    defaultRate: 0,
    maxRules: 25,
    lateQuota: false,
  });
  const operations = sampling.operations();
  return {
    call: (path: string, input: object) => operations[path]?.(input as never),
    [Symbol.dispose]: () => store.close(),
  };
}

test.for([
  { name: 'in the service that decides', front: 20, back: 0, errors: 0.02 },
  { name: 'in a service that is called', front: 20, back: 10, errors: 0.02 },
  { name: 'of every request', front: 3, back: 2, errors: 1 },
])(
  'an error storm $name, of which nothing is sampled, is seen within two reports',
  async ({ front, back, errors }) => {
    const time = fakeTime(START_MS);
    using xray = localXRay(() => time.nowMs / 1000);
    const rule = {
      RuleName: 'shop',
      Priority: 1,
      Version: 1,
      ReservoirSize: 0,
      FixedRate: 0,
      ServiceName: 'front',
      ServiceType: '*',
      Host: '*',
      HTTPMethod: '*',
      URLPath: '*',
      ResourceARN: '*',
      SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 1 },
    };
    await xray.call('/CreateSamplingRule', { SamplingRule: rule });
    let seed = 7;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const samplerOf = (service: string) =>
      new XRaySampler(
        {
          resource: { 'service.name': service },
          deps: {
            clock: time,
            schedule: time.schedule,
            random,
            client: () => ({
              close: () => {},
              post: async (path, body) => ({
                status: 200,
                body: JSON.stringify(await xray.call(path, JSON.parse(body))),
                time: { serverSeconds: undefined, localSeconds: time.nowMs / 1000 },
              }),
            }),
          },
        },
        { capture: false, onActive: () => {} },
      );
    const fronts = Array.from({ length: front }, () => samplerOf('front'));
    const backs = Array.from({ length: back }, () => samplerOf('back'));
    const nextTraceId = traceIds(5);

    /** One request through both services; returns whether it was sampled. */
    const request = (isFault: boolean): boolean => {
      const traceId = nextTraceId();
      const root = fronts[Math.floor(random() * front)] as XRaySampler;
      const result = root.shouldSample(ROOT_CONTEXT, traceId, 'GET /', 1, {}, []);
      const spanContext: SpanContext = {
        traceId,
        spanId: '53995c3f42cd8ad8',
        traceFlags: result.decision === 2 ? 1 : 0,
        ...(result.traceState !== undefined && { traceState: result.traceState }),
      };
      const called = backs[Math.floor(random() * back)];
      const parent = { ...spanContext, isRemote: true };
      const context = trace.setSpanContext(ROOT_CONTEXT, parent);
      const child = called?.shouldSample(context, traceId, 'GET /', 1, {}, []);
      const isRecorded = (child ?? result).decision > 0;
      expect(isRecorded).toBe(true);
      // The front answers a failure of the back with a cached page.
      called?.countRequest(parent, { isAnomaly: isFault, isByDefault: true });
      root.countRequest(spanContext, {
        isAnomaly: isFault && called === undefined,
        isByDefault: true,
      });
      return result.decision === 2;
    };
    const run = async (forMs: number, faults: number): Promise<number> => {
      let seen = 0;
      for (let at = 0; at < forMs; at += 100) {
        await time.advance(100);
        for (let i = 0; i < 20; i += 1) {
          const isFault = random() < faults;
          if (request(isFault) && isFault) seen += 1;
        }
      }
      return seen;
    };

    await time.advance(100);
    expect(await run(3 * INTERVAL_MS, 0)).toBe(0);
    expect(await run(2 * INTERVAL_MS + 500, errors)).toBeGreaterThan(0);
    await Promise.all([...fronts, ...backs].map((sampler) => sampler.shutdown()));
  },
);
