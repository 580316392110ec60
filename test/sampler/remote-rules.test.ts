import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, type RemoteRules, remoteRules } from '../../src/sampler/remote-rules.ts';
import { decide } from '../../src/sampler/reservoir.ts';
import { remainingMs, trackModifications } from '../../src/sampler/server-time.ts';
import type { RuleState } from '../../src/sampler/state.ts';
import {
  type FakeCall,
  type FakeTime,
  type FakeXRay,
  fakeTime,
  fakeXRay,
  reported,
  rulesReply,
  settled,
  traceIds,
} from '../support/sampling.ts';
import { CASES, rawRule } from '../support/sampling-cases.ts';

const CLIENT_ID = '9f2c40d1a7b35e6688c01d2e';

interface Desk {
  readonly time: FakeTime;
  readonly xray: FakeXRay;
  readonly central: RemoteRules;
  /** Fetches these rules. */
  load(...rules: readonly unknown[]): Promise<Outcome>;
  /** Makes decisions for a rule. */
  request(times: number, name?: string): void;
  /** Advances to the next report of the rule, and starts the report. */
  report(): { readonly call: FakeCall; readonly outcome: Promise<Outcome> };
  state(name?: string): RuleState;
}

function desk(): Desk {
  const time = fakeTime(1_000_000);
  const xray = fakeXRay(time);
  const newId = traceIds(4);
  const central = remoteRules({
    post: xray.post,
    clock: time,
    newClientId: () => CLIENT_ID,
    address: 'test',
  });
  const state = (name = 't') => {
    const found = central.states.find(({ rule }) => rule.RuleName === name);
    if (found === undefined) throw new Error(`no rule ${name}`);
    return found;
  };
  return {
    time,
    xray,
    central,
    state,
    async load(...rules) {
      const outcome = central.refreshRules();
      await settled();
      xray.calls.at(-1)?.reply(rulesReply(...rules), { serverSeconds: time.nowMs / 1000 });
      return await outcome;
    },
    request(times, name) {
      const { reservoir, counts } = state(name);
      for (let i = 0; i < times; i += 1)
        decide(reservoir, counts, newId(), Math.floor(time.nowMs / 1000), time);
    },
    report() {
      const next = Math.min(...central.states.map(({ nextReportMs }) => nextReportMs));
      time.set(Math.max(time.nowMs, next));
      const before = xray.calls.length;
      const outcome = central.reportAndTarget();
      const call = xray.calls[before];
      if (call === undefined) throw new Error('no call was made');
      return { call, outcome };
    },
  };
}

/** Creates a targets response from the fields of a case: those of a target or of the response. */
function targetsReply(parts: Readonly<Record<string, unknown>> = {}): unknown {
  const { UnprocessedStatistics = [], LastRuleModification = 1, ...target } = parts;
  return {
    LastRuleModification,
    SamplingTargetDocuments: [{ RuleName: 't', ...target }],
    UnprocessedStatistics,
  };
}

describe('cases of the specification', () => {
  test.for(CASES.statistics.filter(({ steps }) => steps !== undefined))(
    '$id: $title',
    async ({ steps = [], expected_reports, expected_rule_refreshes }) => {
      const { time, xray, central, load, request, report } = desk();
      await load(rawRule({ FixedRate: 0 }));
      const reports: number[] = [];
      const outcomes: Outcome[] = [];
      let open: ReturnType<Desk['report']> | undefined;
      const settle = async (act: (call: FakeCall) => void) => {
        if (open === undefined) throw new Error('no report is open');
        act(open.call);
        outcomes.push(await open.outcome);
        open = undefined;
      };
      const actions: Record<string, (a: unknown, b: unknown) => Promise<void> | void> = {
        requests: (times) => request(times as number),
        rules_update: async (parts) => {
          await load(rawRule({ FixedRate: 0, ...(parts as object) }));
        },
        advance: (seconds) => time.set(time.nowMs + (seconds as number) * 1000),
        tick: async () => {
          const before = xray.calls.length;
          expect(await central.reportAndTarget()).toBe('nothing due');
          expect(xray.calls.length).toBe(before);
        },
        poll_sent: () => {
          open = report();
          reports.push(
            ...reported(open.call).SamplingStatisticsDocuments.map((d) => d.RequestCount),
          );
        },
        poll_reply: async (status, parts) => {
          const body = status === 200 ? targetsReply(parts as Record<string, unknown>) : '';
          await settle((call) => call.reply(body, { status: status as number }));
        },
        poll_error: async (message) => settle((call) => call.fail(String(message))),
      };
      for (const [name, a, b] of steps) await actions[name]?.(a, b);
      expect(reports).toEqual(expected_reports);
      const refreshes = outcomes.filter((outcome) => outcome === 'refresh wanted').length;
      expect(refreshes).toBe(expected_rule_refreshes ?? 0);
    },
  );

  test.for(CASES.targetsParsing)('$id: $expected', async ({ body, expected }) => {
    const { load, request, report, state, time } = desk();
    await load(rawRule({ FixedRate: 0.25 }));
    request(3);
    const { call, outcome } = report();
    const sentMs = time.nowMs;
    call.reply(body);
    const after = { outcome: await outcome, rate: state().reservoir.rate };
    const expectations: Record<string, () => void> = {
      'accepted, no change': () => expect(after).toEqual({ outcome: 'done', rate: 0.25 }),
      'failure, statistics restored': () => {
        expect(after).toEqual({ outcome: 'failed', rate: 0.25 });
        expect(state().carried?.counts.requests).toBe(3);
      },
      'rate 0.5, next report after 10 s': () => {
        expect(after).toEqual({ outcome: 'done', rate: 0.5 });
        expect(state().nextReportMs).toBe(sentMs + 10_000);
      },
      'rate 1, unknown field ignored': () => expect(after).toEqual({ outcome: 'done', rate: 1 }),
    };
    expect(Object.keys(expectations)).toContain(expected);
    expectations[expected]?.();
  });

  test.for(CASES.modification)('$id: $title', (row) => {
    const modifications = trackModifications();
    modifications.markHandled(row.rules_fetched_server_time);
    const refreshes = row.replies.map((reply) => {
      const isNews = modifications.isNewer(reply ?? undefined);
      modifications.markHandled(isNews ? (reply ?? undefined) : undefined);
      return isNews;
    });
    expect(refreshes).toEqual(row.expected_refresh);
  });

  test.for(CASES.skew)('$id', (row) => {
    const at = {
      serverSeconds: row.reply_date_epoch ?? undefined,
      localSeconds: row.local_receive_epoch,
    };
    const intervalMs = (row.Interval ?? 10) * 1000;
    expect(remainingMs(row.ReservoirQuotaTTL, at, intervalMs)).toBe(
      row.expected_usable_seconds * 1000,
    );
  });

  test.for(CASES.rulesPaging)('$id: $expected', async ({ pages, ...row }) => {
    const { central, xray, load } = desk();
    await load(rawRule({ RuleName: 'old' }));
    const before = xray.calls.length;
    xray.answer((call) => {
      const page = pages[xray.calls.length - before - 1];
      const rules = page?.names?.map((RuleName) => rawRule({ RuleName })) ?? [];
      const body = { ...(rulesReply(...rules) as object), NextToken: page?.NextToken };
      call.reply(body, { status: page?.status ?? 200 });
    });
    await central.refreshRules();
    const calls = xray.calls.slice(before);
    expect(central.states.map(({ rule }) => rule.RuleName)).toEqual(row.expected_rules ?? ['old']);
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(calls.map(({ body }) => body)).toEqual(
      row.expected_bodies ?? ['{}', ...calls.slice(1).map(() => '{"NextToken":"p2"}')],
    );
  });
});

test('stats.9: 27 due rules are sent in two requests of at most 25 documents, with whole seconds and one client id', async () => {
  const { central, load, request, time, xray } = desk();
  const names = Array.from({ length: 27 }, (_, i) => `rule-${i}`);
  await load(...names.map((RuleName, Priority) => rawRule({ RuleName, Priority })));
  for (const name of names) request(1, name);
  time.set(time.nowMs + 10_250);
  xray.answer((call) => call.reply(targetsReply()));
  await central.reportAndTarget();
  const documents = xray.callsTo('/SamplingTargets').map(reported);
  expect(documents.map((d) => d.SamplingStatisticsDocuments.length)).toEqual([25, 2]);
  expect(documents[1]?.SamplingStatisticsDocuments[1]).toEqual({
    ClientID: CLIENT_ID,
    RuleName: 'rule-26',
    Timestamp: 1_010,
    RequestCount: 1,
    SampledCount: 1,
    BorrowCount: 1,
  });
});

test('if one of three requests fails, its counts and those of the third are restored', async () => {
  const { central, load, request, time, xray } = desk();
  const names = Array.from({ length: 60 }, (_, i) => `rule-${i}`);
  await load(...names.map((RuleName, Priority) => rawRule({ RuleName, Priority })));
  for (const name of names) request(1, name);
  time.set(time.nowMs + 10_000);
  xray.answer((call) => {
    if (xray.callsTo('/SamplingTargets').length === 1) call.reply(targetsReply());
    else call.fail('gone');
  });
  expect(await central.reportAndTarget()).toBe('failed');
  expect(xray.callsTo('/SamplingTargets').length).toBe(2);
  const back = central.states.filter(({ carried }) => carried?.counts.requests === 1);
  expect(back.map(({ rule }) => rule.RuleName)).toEqual(names.slice(25));
  expect(central.states.filter(({ pending }) => pending !== undefined)).toEqual([]);
});

test('a report does not include the counts of a pending one', async () => {
  const { central, load, request, report, state, xray } = desk();
  await load(rawRule());
  request(3);
  const first = report();
  request(2);
  expect(await central.reportAndTarget({ everything: true })).toBe('nothing due');
  first.call.reply(targetsReply());
  await first.outcome;
  expect(xray.callsTo('/SamplingTargets').length).toBe(1);
  expect(state().counts.requests).toBe(2);
});

test('a refresh keeps counts, quota and target rate; a new rate applies at once', async () => {
  const { load, request, report, state } = desk();
  await load(rawRule({ ReservoirSize: 5, FixedRate: 0.1 }));
  request(2);
  const { call, outcome } = report();
  call.reply(targetsReply({ FixedRate: 0.3, ReservoirQuota: 4, ReservoirQuotaTTL: 1_040 }));
  await outcome;
  request(1);
  const view = () => {
    const { reservoir, counts } = state();
    return { quota: reservoir.quota, rate: reservoir.rate, requests: counts.requests };
  };
  await load(rawRule({ ReservoirSize: 5, FixedRate: 0.1, Attributes: { a: '1' } }));
  expect(view()).toEqual({ quota: 4, rate: 0.3, requests: 1 });
  expect(state().rule.Attributes).toEqual({ a: '1' });
  await load(rawRule({ ReservoirSize: 0, FixedRate: 0.2 }));
  expect(view()).toEqual({ quota: undefined, rate: 0.2, requests: 1 });
});

test.for([
  { rule: 'no records', body: { SamplingRuleRecords: [] } },
  { rule: 'null records', body: { SamplingRuleRecords: null } },
  { rule: 'only rules of a later version', body: rulesReply(rawRule({ Version: 9 })) },
  { rule: 'HTML', body: '<html>' },
  { rule: 'a list', body: [] },
])('a response without valid rules keeps the current ones: $rule', async ({ body }) => {
  const { central, load, xray } = desk();
  await load(rawRule());
  xray.answer((call) => call.reply(body));
  expect(await central.refreshRules()).toBe('failed');
  expect(central.states.map(({ rule }) => rule.RuleName)).toEqual(['t']);
});

test('rules expire an hour after the start of their fetch', async () => {
  const { central, load, time } = desk();
  expect(central.isUsable()).toBe(false);
  await load(rawRule());
  time.set(time.nowMs + 3_599_999);
  expect(central.isUsable()).toBe(true);
  time.set(time.nowMs + 1);
  expect(central.isUsable()).toBe(false);
});

test('a changed rule is fetched out of band, at most once in ten seconds, until a fetch succeeds', async () => {
  const { load, request, report, central, xray, time } = desk();
  await load(rawRule());
  const news = async () => {
    request(1);
    const { call, outcome } = report();
    call.reply(targetsReply({ LastRuleModification: 5_000, Interval: 1 }));
    return await outcome;
  };
  expect(await news()).toBe('refresh wanted');
  const failing = central.refreshRules();
  xray.calls.at(-1)?.fail('no');
  expect(await failing).toBe('failed');
  expect(await news()).toBe('done');
  time.set(time.nowMs + 10_000);
  expect(await news()).toBe('refresh wanted');
  await load(rawRule());
  time.set(time.nowMs + 10_000);
  expect(await news()).toBe('done');
});

test('without a Date header, the age of the rules is that of the latest modification, not of the local clock', async () => {
  const { central, xray, report, request, time } = desk();
  const records = [{ ModifiedAt: 900, SamplingRule: rawRule() }];
  xray.answer((call) => call.reply({ SamplingRuleRecords: records }));
  await central.refreshRules();
  xray.answer(undefined);
  time.set(time.nowMs + 20_000);
  request(1);
  const { call, outcome } = report();
  call.reply(targetsReply({ LastRuleModification: 901 }));
  expect(await outcome).toBe('refresh wanted');
});

test('events are counted', async () => {
  const { central, load, request, report, xray } = desk();
  await load(rawRule(), rawRule({ RuleName: 'later', Version: 2 }), { FixedRate: 1 }, null);
  request(1);
  const { call, outcome } = report();
  call.reply('<html>', { status: 502 });
  await outcome;
  xray.answer((fetch) => fetch.reply('<html>'));
  await central.refreshRules();
  expect(central.counts).toEqual({ fetches: 1, reports: 0, faults: 2, skipped: 3, dropped: 0 });
});

test('a 403 response is distinguished, so that polling continues at its interval', async () => {
  const { central, xray, load, report, request } = desk();
  await load(rawRule());
  request(1);
  const { call, outcome } = report();
  call.reply('{"message":"no"}', { status: 403 });
  expect(await outcome).toBe('refused');
  xray.answer((fetch) => fetch.reply('', { status: 403 }));
  expect(await central.refreshRules()).toBe('refused');
});

test('counts that are older than a minute are dropped', async () => {
  const { load, request, report, time, state } = desk();
  await load(rawRule());
  request(5);
  const first = report();
  first.call.fail('timeout');
  await first.outcome;
  time.set(time.nowMs + 60_001);
  request(1);
  expect(reported(report().call).SamplingStatisticsDocuments[0]?.RequestCount).toBe(1);
  expect(state().carried).toBeUndefined();
});

test('a process restored from a snapshot uses a new client id', async () => {
  const time = fakeTime();
  const xray = fakeXRay(time);
  let made = 0;
  const central = remoteRules({
    post: xray.post,
    clock: time,
    newClientId: () => {
      made += 1;
      return String(made).padStart(24, '0');
    },
    address: 'test',
  });
  xray.answer((call) =>
    call.reply(call.path === '/SamplingTargets' ? targetsReply() : rulesReply(rawRule())),
  );
  await central.refreshRules();
  for (const renew of [false, false, true]) {
    if (renew) central.renewClientId();
    const [state] = central.states;
    if (state !== undefined) state.counts.requests = 1;
    await central.reportAndTarget({ everything: true });
  }
  const ids = xray
    .callsTo('/SamplingTargets')
    .map((c) => reported(c).SamplingStatisticsDocuments[0]?.ClientID);
  expect(ids.map((id) => id?.slice(-1))).toEqual(['1', '1', '2']);
});

/** Events that can happen between two checks of the counts. */
const happenings = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('request'),
      rule: fc.nat(2),
      times: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('report'), everything: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reply'),
      status: fc.constantFrom(200, 200, 429, 502),
      unprocessed: fc.option(fc.constantFrom('500', '400'), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('break') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('edit'), rate: fc.constantFrom(0, 0.5, 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
);

test('conservation: reported, pending, carried and current counts add up to all requests, except documented drops', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 60 }), async (all) => {
      const { central, load, request, time, xray } = desk();
      const names = ['a', 'b', 'c'];
      const rules = (rate: number) =>
        names.map((RuleName) => rawRule({ RuleName, FixedRate: rate }));
      await load(...rules(0));
      let made = 0;
      let arrived = 0;
      let dropped = 0;
      let open: { call: FakeCall; outcome: Promise<Outcome> } | undefined;
      const sum = (counts: readonly { requests: number }[]) =>
        counts.reduce((total, { requests }) => total + requests, 0);
      /** Counts whose report fails a second time. */
      const carriedInOpen = () =>
        sum(central.states.flatMap(({ pending }) => pending?.carried ?? []));
      for (const event of all) {
        if (event.kind === 'request') {
          const { rule, times } = event as { rule: number; times: number };
          request(times, names[rule] as string);
          made += times;
        } else if (event.kind === 'wait') {
          time.set(time.nowMs + (event as { ms: number }).ms);
        } else if (event.kind === 'edit') {
          await load(...rules((event as { rate: number }).rate));
        } else if (event.kind === 'report' && open === undefined) {
          const tooOld = central.states.flatMap(({ carried }) =>
            carried !== undefined && time.nowMs - carried.sinceMs > 60_000 ? carried.counts : [],
          );
          const isDue = ({ nextReportMs }: RuleState) => nextReportMs - 500 <= time.nowMs;
          const { everything } = event as { everything: boolean };
          const leaving = central.states.filter((state) => everything || isDue(state));
          dropped += sum(
            tooOld.filter((counts) => leaving.some(({ carried }) => carried?.counts === counts)),
          );
          const before = xray.calls.length;
          const outcome = central.reportAndTarget({ everything });
          const call = xray.calls[before];
          if (call !== undefined) open = { call, outcome };
        } else if ((event.kind === 'reply' || event.kind === 'break') && open !== undefined) {
          const { status = 0, unprocessed } = event as { status?: number; unprocessed?: string };
          const documents = reported(open.call).SamplingStatisticsDocuments;
          const isRestored = (code: string | undefined) => code?.startsWith('5') === true;
          if (status === 200) {
            const gone = isRestored(unprocessed) ? documents[0]?.RuleName : undefined;
            arrived += documents
              .filter(({ RuleName }) => RuleName !== gone)
              .reduce((total, { RequestCount }) => total + RequestCount, 0);
            dropped += sum(
              central.states.flatMap(({ rule, pending }) =>
                rule.RuleName === gone ? (pending?.carried ?? []) : [],
              ),
            );
            const failed = {
              RuleName: documents[0]?.RuleName,
              ErrorCode: unprocessed,
              Message: '',
            };
            open.call.reply(
              targetsReply({ UnprocessedStatistics: unprocessed === undefined ? [] : [failed] }),
            );
          } else {
            dropped += carriedInOpen();
            if (event.kind === 'break') open.call.fail('broken');
            else open.call.reply('', { status });
          }
          await open.outcome;
          open = undefined;
        }
        const kept = sum(
          central.states.flatMap(({ counts, pending, carried }) => [
            counts,
            ...(pending === undefined ? [] : [pending.fresh.counts, pending.carried]),
            ...(carried === undefined ? [] : [carried.counts]),
          ]),
        );
        expect(arrived + kept + dropped).toBe(made);
        expect(central.counts.dropped).toBe(dropped);
      }
    }),
    { numRuns: 300 },
  );
});

test('the sampler works after any response', async () => {
  const json = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((value) =>
      JSON.stringify({
        SamplingTargetDocuments: value,
        UnprocessedStatistics: value,
        SamplingRuleRecords: value,
        LastRuleModification: value,
        NextToken: value,
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      json,
      json,
      fc.constantFrom(200, 200, 200, 302, 500),
      async (rules, targets, status) => {
        const { central, load, request, report, xray, state } = desk();
        await load(rawRule());
        request(1);
        const { call, outcome } = report();
        call.reply(targets, { status });
        await outcome;
        xray.answer((fetch) => fetch.reply(rules, { status }));
        await central.refreshRules();
        expect(central.states.length).toBeGreaterThan(0);
        expect(state().reservoir.rate).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 300 },
  );
});
