import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { xrayIdGenerator } from '../../src/propagation/ids.ts';
import { XRaySampler } from '../../src/sampler/index.ts';
import type { Schedule } from '../../src/sampler/poller.ts';
import { hasBinary } from '../support/binaries.ts';
import { startRealDaemon } from '../support/real-daemon.ts';
import { rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';

const SPEED = 25;

/** Runs the polling intervals in fractions of a second, with real sockets. */
const FAST = {
  clock: { wallMs: () => Date.now(), steadyMs: () => performance.now() * SPEED },
  schedule: ((run, delayMs) => {
    const timer = setTimeout(run, delayMs / SPEED).unref();
    return () => clearTimeout(timer);
  }) satisfies Schedule,
};

const api = (FixedRate: number) =>
  rawRule({ RuleName: 'api', URLPath: '/api/*', ReservoirSize: 0, FixedRate });
const rest = rawRule({ RuleName: 'Default', Priority: 10_000, ReservoirSize: 0, FixedRate: 0 });

interface Statistics {
  readonly SamplingStatisticsDocuments: readonly {
    readonly RuleName: string;
    readonly RequestCount: number;
    readonly SampledCount: number;
  }[];
}

describe.runIf(hasBinary('xray-daemon'))('with the real daemon', () => {
  test('the sampled share follows the rules and targets set in X-Ray', async () => {
    await using daemon = await startRealDaemon({ rules: rulesReply(api(1), rest) });
    const sampler = new XRaySampler({ endpoint: daemon.endpoint, deps: FAST });
    const provider = new BasicTracerProvider({ sampler, idGenerator: xrayIdGenerator() });
    const tracer = provider.getTracer('test');
    let made = 0;
    const share = (path: string): number => {
      let sampled = 0;
      for (let i = 0; i < 20; i += 1) {
        const span = tracer.startSpan('GET', { kind: 1, attributes: { 'url.path': path } });
        sampled += Number(span.isRecording());
        made += 1;
      }
      return sampled / 20;
    };
    await daemon.until(() => sampler.explain({ url: '/' }).source === 'X-Ray');
    made = 0;
    expect([share('/api/1'), share('/other')]).toEqual([1, 0]);

    // A rule is edited: the next targets response reports it, and the rules are fetched again.
    daemon.answer('rules', rulesReply(api(0), rest));
    daemon.answer('targets', {
      LastRuleModification: Date.now() / 1000 + 60,
      SamplingTargetDocuments: [],
    });
    await daemon.until(() => share('/api/1') === 0);

    // X-Ray assigns another rate.
    const target = { RuleName: 'api', FixedRate: 1, Interval: 10 };
    daemon.answer('targets', { LastRuleModification: 0, SamplingTargetDocuments: [target] });
    await daemon.until(() => share('/api/1') === 1);

    await sampler.shutdown();
    const documents = daemon
      .calls('/SamplingTargets')
      .flatMap((body) => (body as Statistics).SamplingStatisticsDocuments);
    const sum = (pick: (document: (typeof documents)[number]) => number) =>
      documents.reduce((total, document) => total + pick(document), 0);
    expect(sum(({ RequestCount }) => RequestCount)).toBe(made);
    expect(new Set(documents.map(({ RuleName }) => RuleName))).toEqual(new Set(['api', 'Default']));
  });

  test('decisions continue if the daemon is not running yet or stops', async () => {
    const first = await startRealDaemon({ rules: rulesReply(api(1), rest) });
    const port = first.endpoint.port;
    await first[Symbol.asyncDispose]();
    const sampler = new XRaySampler({ endpoint: first.endpoint, deps: FAST });
    const source = () => sampler.explain({ url: '/api/1' }).source;
    expect(source()).toBe('built in');
    await using daemon = await startRealDaemon({ port, rules: rulesReply(api(1), rest) });
    await daemon.until(() => source() === 'X-Ray');
    await daemon.stop();
    expect(source()).toBe('X-Ray');
    await sampler.shutdown();
  });
});
