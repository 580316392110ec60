import { expect, test } from 'vitest';
import { startPoller } from '../../src/sampler/poller.ts';
import { remoteRules } from '../../src/sampler/remote-rules.ts';
import { type Answer, fakeTime, fakeXRay, rulesReply } from '../support/sampling.ts';
import { rawRule } from '../support/sampling-cases.ts';

function desk(answer: Answer | undefined) {
  const time = fakeTime(1_000_000);
  const xray = fakeXRay(time);
  const at: Record<string, number[]> = { '/GetSamplingRules': [], '/SamplingTargets': [] };
  xray.answer((call) => {
    at[call.path]?.push((time.nowMs - 1_000_000) / 1000);
    answer?.(call);
  });
  const remote = remoteRules({
    post: xray.post,
    clock: time,
    newClientId: () => '9f2c40d1a7b35e6688c01d2e',
    address: 'test',
  });
  const stop = startPoller({
    remote,
    schedule: time.schedule,
    clock: time,
    random: () => 0.5,
    pollingIntervalMs: 300_000,
  });
  const count = () => {
    for (const { counts } of remote.states) counts.requests += 1;
  };
  return { time, xray, remote, stop, at, count };
}

const GOOD: Answer = (call) =>
  call.reply(call.path === '/GetSamplingRules' ? rulesReply(rawRule()) : {});

test('without a response, the rules are requested after 1, 2, 4 … seconds, at most a minute', async () => {
  const { time, at } = desk((call) => call.fail('ECONNREFUSED'));
  await time.advance(200_000);
  expect(at['/GetSamplingRules']).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
});

test('with responses, the rules are requested every five minutes', async () => {
  const { time, at } = desk(GOOD);
  await time.advance(700_000);
  expect(at['/GetSamplingRules']).toEqual([0, 302.5, 605]);
});

test('a failed refresh is retried after one, two, four minutes, at most five', async () => {
  let fails = false;
  const { time, at } = desk((call) => (fails ? call.reply('', { status: 502 }) : GOOD(call)));
  await time.advance(10);
  fails = true;
  await time.advance(1_500_000);
  expect(at['/GetSamplingRules']).toEqual([0, 302.5, 362.5, 482.5, 722.5, 1022.5, 1322.5]);
});

test('a 403 response after the first rules does not change the interval', async () => {
  let fails = false;
  const { time, at } = desk((call) => (fails ? call.reply('', { status: 403 }) : GOOD(call)));
  await time.advance(10);
  fails = true;
  await time.advance(700_000);
  expect(at['/GetSamplingRules']).toEqual([0, 302.5, 605]);
});

test('the first report follows the first rules, the others every ten seconds if there are requests, with backoff on failure', async () => {
  let fails = false;
  const { time, at, count } = desk((call) =>
    fails && call.path === '/SamplingTargets' ? call.reply('', { status: 429 }) : GOOD(call),
  );
  await time.advance(10);
  for (let i = 0; i < 30; i += 1) {
    fails = i >= 3;
    count();
    await time.advance(9_990);
  }
  expect(at['/SamplingTargets']).toEqual([
    1.5, 11.55, 21.6, 31.65, 51.7, 91.75, 151.8, 211.85, 271.9,
  ]);
});

test('no request is sent if there is nothing to report', async () => {
  const { time, at } = desk(GOOD);
  await time.advance(60_000);
  expect(at['/SamplingTargets']).toEqual([]);
});

test('a shorter interval of one rule shortens the check interval, to no less than a second', async () => {
  const target = { SamplingTargetDocuments: [{ RuleName: 't', Interval: 1 }] };
  const { time, at, count } = desk((call) =>
    call.reply(call.path === '/GetSamplingRules' ? rulesReply(rawRule()) : target),
  );
  await time.advance(10);
  for (let i = 0; i < 6; i += 1) {
    count();
    await time.advance(1_000);
  }
  expect(at['/SamplingTargets']).toEqual([1.5, 2.55, 3.6, 4.65, 5.7]);
});

test('no second request is sent while one is pending', async () => {
  const { time, at } = desk(undefined);
  await time.advance(3_600_000);
  expect(at['/GetSamplingRules']).toEqual([0]);
});

test('a stopped poller sends no requests', async () => {
  const { time, at, stop } = desk(GOOD);
  await time.advance(10);
  stop();
  await time.advance(3_600_000);
  expect(at['/GetSamplingRules']).toEqual([0]);
});

test('a modification reported with the targets causes an immediate refresh', async () => {
  const { time, at, count } = desk((call) =>
    call.path === '/GetSamplingRules'
      ? GOOD(call)
      : call.reply({ LastRuleModification: 5e9, SamplingTargetDocuments: [] }),
  );
  await time.advance(10);
  count();
  await time.advance(11_000);
  expect(at['/GetSamplingRules']).toEqual([0, 1.5]);
});

test('a quota that lasts one interval is renewed before it ends', async () => {
  const { time, at, count, remote } = desk((call) => {
    const quotaEnd = time.wallMs() / 1000 + 10;
    const target = { RuleName: 't', ReservoirQuota: 1, ReservoirQuotaTTL: quotaEnd, Interval: 10 };
    call.reply(
      call.path === '/GetSamplingRules'
        ? rulesReply(rawRule())
        : { SamplingTargetDocuments: [target] },
    );
  });
  await time.advance(10);
  count();
  await time.advance(1_600);
  const gaps: number[] = [];
  for (let i = 0; i < 300; i += 1) {
    count();
    await time.advance(100);
    const left = (remote.states[0]?.reservoir.quotaEndMs ?? 0) - time.nowMs;
    if (left <= 0) gaps.push(time.nowMs);
  }
  expect(gaps).toEqual([]);
  expect(at['/SamplingTargets']).toEqual([1.5, 11.05, 20.6, 30.15]);
});

test('without requests, checks run every one or two seconds at first, and then at the normal interval', async () => {
  const { time, at, count } = desk(GOOD);
  await time.advance(5_000);
  count();
  await time.advance(2_000);
  expect(at['/SamplingTargets']).toEqual([6]);
  const idle = desk(GOOD);
  await idle.time.advance(95_000);
  idle.count();
  await idle.time.advance(5_000);
  expect(idle.at['/SamplingTargets']).toEqual([]);
});
