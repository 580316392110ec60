import { type Attributes, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { XRaySampler } from '../../src/sampler/index.ts';
import { fakeTime, fakeXRay, rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';

test('an unsampled decision allocates less than one small object', async () => {
  const time = fakeTime(1_000_000);
  const xray = fakeXRay(time);
  const rules = Array.from({ length: 20 }, (_, i) =>
    rawRule({ RuleName: `r${i}`, Priority: i, URLPath: `/api/${i}/*`, Host: '*.example.com' }),
  );
  const none = rawRule({ RuleName: 'none', Priority: 99, ReservoirSize: 0, FixedRate: 0.01 });
  xray.answer((call) => call.reply(rulesReply(...rules, none)));
  const sampler = new XRaySampler({
    deps: { clock: time, schedule: time.schedule, client: () => xray },
  });
  await time.advance(10);
  const attributes: Attributes = {
    'http.request.method': 'GET',
    'url.path': '/cart',
    'server.address': 'shop.example.com',
    'server.port': 80,
  };
  const traceId = `${'0'.repeat(24)}ffffffff`;
  const links: [] = [];
  const grown = (times: number): number => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < times; i += 1) {
      sampler.shouldSample(ROOT_CONTEXT, traceId, 'GET', 1, attributes, links);
    }
    return process.memoryUsage().heapUsed - before;
  };
  const median = (times: number): number =>
    Array.from({ length: 25 }, () => grown(times)).sort((a, b) => a - b)[12] ?? Number.NaN;
  // The code allocates more until the compiler, which runs in another thread, is done with it.
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && least >= 64; round += 1) {
    grown(20_000);
    least = (median(500) - median(0)) / 500;
    await new Promise(setImmediate);
  }
  expect(least).toBeLessThan(64);
  await sampler.shutdown();
});
