import { DEFAULT_RULE } from '../../sampler/rule.ts';
import { asList, type JsonObject } from '../json.ts';
import { type BoostReport, Boosts } from './boosts.ts';
import type { Operations, ServiceContext } from './context.ts';
import { invalid, ServiceError } from './errors.ts';
import {
  objects,
  optionalList,
  optionalText,
  requiredList,
  requiredNumber,
  requiredObject,
  requiredText,
  requiredTime,
} from './input.ts';
import { pageOf } from './paging.ts';
import {
  INTERVAL_SECONDS,
  type Poller,
  Quotas,
  type StatisticsDocument,
  type Totals,
} from './quotas.ts';
import {
  changedRule,
  defaultRule,
  newRule,
  type RuleRecord,
  rulesOfFile,
  type SamplingRule,
} from './rules.ts';
import type { Tags } from './tags.ts';

export interface SamplingOptions {
  /** Rate of the rule `Default` at the start. X-Ray's own is 0.05. */
  readonly defaultRate: number;
  /** Maximum number of custom rules. X-Ray's quota is 25. */
  readonly maxRules: number;
  /** Omits the quota from a client's first target, as X-Ray may. */
  readonly lateQuota: boolean;
}

/** A rule with what clients have reported of it. */
export interface RuleCounters extends Totals {
  readonly rule: SamplingRule;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly pollers: readonly Poller[];
}

const QUOTA_SECONDS = 300;
const OLDEST_REPORT = 600;
const NEWEST_REPORT = 300;
const MAX_REPORTS = 25;
const CLIENT_ID_LENGTH = 24;
const PAGE = 100;
const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };

/** Sampling rules, and what they make of the clients' requests (docs/spec/xray-api.md section 6). */
export class Sampling {
  readonly #context: ServiceContext;
  readonly #tags: Tags;
  readonly #options: SamplingOptions;
  readonly #rules = new Map<string, RuleRecord>();
  readonly #quotas = new Quotas();
  readonly #hadQuota = new Set<string>();
  readonly #boosts = new Boosts();
  #lastModified = 0;

  constructor(context: ServiceContext, tags: Tags, options: SamplingOptions) {
    this.#context = context;
    this.#tags = tags;
    this.#options = options;
    this.#rules.set(DEFAULT_RULE, defaultRule(this.#arn, options.defaultRate));
    this.load(asList(context.store.setting('rules')));
    tags.know((arn) => [...this.#rules.values()].some((each) => each.SamplingRule.RuleARN === arn));
  }

  /** Adds rules of a file (see {@link rulesOfFile}) and returns why others were skipped. */
  load(content: unknown): readonly string[] {
    if (Array.isArray(content) && content.length === 0) return [];
    const { records, problems } = rulesOfFile(content, this.#arn);
    for (const record of records) {
      this.#rules.set(record.SamplingRule.RuleName, record);
      this.#lastModified = Math.max(this.#lastModified, record.ModifiedAt);
    }
    return problems;
  }

  counters(): readonly RuleCounters[] {
    return this.#sorted().map(({ SamplingRule: rule, CreatedAt, ModifiedAt }) => ({
      rule,
      createdAt: CreatedAt,
      modifiedAt: ModifiedAt,
      ...this.#quotas.totals(rule.RuleName),
      pollers: this.#quotas.pollers(rule.RuleName),
    }));
  }

  operations(): Operations {
    return {
      '/GetSamplingRules': (input) => {
        const { items, NextToken } = pageOf(input, this.#sorted(), PAGE);
        return { SamplingRuleRecords: items, NextToken };
      },
      '/CreateSamplingRule': (input) => this.#create(input),
      '/UpdateSamplingRule': (input) => {
        const update = requiredObject(input, 'SamplingRuleUpdate');
        const record = this.#find(update);
        const rule = changedRule(record.SamplingRule, update);
        return this.#keep({ ...record, SamplingRule: rule, ModifiedAt: this.#context.now() });
      },
      '/DeleteSamplingRule': (input) => {
        const record = this.#find(input);
        const { RuleName, RuleARN } = record.SamplingRule;
        if (RuleName === DEFAULT_RULE) throw invalid('the rule Default cannot be deleted');
        this.#rules.delete(RuleName);
        this.#quotas.drop(RuleName);
        this.#boosts.drop(RuleName);
        this.#tags.drop(RuleARN);
        this.#changed(this.#context.now());
        return { SamplingRuleRecord: record };
      },
      '/SamplingTargets': (input) => this.#targets(input),
      '/SamplingStatisticSummaries': (input) => {
        const all = this.#quotas.windows().map(({ ruleName, at, requests, sampled, borrowed }) => ({
          RuleName: ruleName,
          Timestamp: at,
          RequestCount: requests,
          BorrowCount: borrowed,
          SampledCount: sampled,
        }));
        const { items, NextToken } = pageOf(input, all, PAGE);
        return { SamplingStatisticSummaries: items, NextToken };
      },
    };
  }

  #create(input: JsonObject): object {
    const rule = newRule(requiredObject(input, 'SamplingRule'), this.#arn);
    if (this.#rules.has(rule.RuleName)) {
      throw invalid(`a rule ${JSON.stringify(rule.RuleName)} exists already`);
    }
    // Default is one of them.
    if (this.#rules.size > this.#options.maxRules) {
      throw new ServiceError(
        'RuleLimitExceededException',
        `the limit is ${this.#options.maxRules} rules besides Default`,
      );
    }
    this.#tags.setAtCreation(rule.RuleARN, input);
    const now = this.#context.now();
    return this.#keep({ SamplingRule: rule, CreatedAt: now, ModifiedAt: now });
  }

  #targets(input: JsonObject): object {
    const { now } = this.#context;
    const at = now();
    const reports = objects(
      requiredList(input, 'SamplingStatisticsDocuments', MAX_REPORTS),
      'SamplingStatisticsDocuments',
    ).map(reportOf);
    const boosts = objects(
      optionalList(input, 'SamplingBoostStatisticsDocuments', MAX_REPORTS) ?? [],
      'SamplingBoostStatisticsDocuments',
    ).map(boostReportOf);
    const unprocessed = (ruleName: string, time: number): object | undefined => {
      const message = this.#refusal(ruleName, time, at);
      return message === undefined
        ? undefined
        : { RuleName: ruleName, ErrorCode: '400', Message: message };
    };
    const good = combined(reports.filter(({ ruleName, at: time }) => !unprocessed(ruleName, time)));
    const targets = good.map((report) => this.#target(report, at));
    for (const report of boosts) {
      const rule = this.#rules.get(report.ruleName)?.SamplingRule;
      if (rule === undefined || unprocessed(report.ruleName, report.at)) continue;
      this.#boosts.report(report, rule, at);
    }
    this.#context.rulesChanged();
    return {
      SamplingTargetDocuments: targets.map((target) => ({
        ...target,
        SamplingBoost: this.#boosts.active(target.RuleName, at),
      })),
      LastRuleModification: this.#lastModified,
      UnprocessedStatistics: reports
        .map(({ ruleName, at: time }) => unprocessed(ruleName, time))
        .filter((each) => each !== undefined),
      UnprocessedBoostStatistics: boosts
        .map(({ ruleName, at: time }) => unprocessed(ruleName, time))
        .filter((each) => each !== undefined),
    };
  }

  #refusal(ruleName: string, time: number, now: number): string | undefined {
    if (!this.#rules.has(ruleName)) return `no sampling rule ${JSON.stringify(ruleName)}`;
    if (time < now - OLDEST_REPORT) return 'Timestamp is more than 10 minutes old';
    if (time > now + NEWEST_REPORT) return 'Timestamp is more than 5 minutes in the future';
    return undefined;
  }

  #target(report: StatisticsDocument, now: number): Target {
    const { FixedRate, ReservoirSize } = (this.#rules.get(report.ruleName) as RuleRecord)
      .SamplingRule;
    const quota = this.#quotas.report(report, ReservoirSize, now);
    const client = `${report.clientId} ${report.ruleName}`;
    const late = quota === undefined || (this.#options.lateQuota && !this.#hadQuota.has(client));
    if (this.#options.lateQuota) this.#hadQuota.add(client);
    return {
      RuleName: report.ruleName,
      FixedRate,
      ...(late ? {} : { ReservoirQuota: quota, ReservoirQuotaTTL: now + QUOTA_SECONDS }),
      Interval: INTERVAL_SECONDS,
    };
  }

  #find(input: JsonObject): RuleRecord {
    const name = optionalText(input, 'RuleName');
    const arn = optionalText(input, 'RuleARN');
    if ((name === undefined) === (arn === undefined)) {
      throw invalid('exactly one of RuleName and RuleARN is required');
    }
    const found = [...this.#rules.values()].find(
      ({ SamplingRule: rule }) => rule.RuleName === name || rule.RuleARN === arn,
    );
    if (found === undefined) throw invalid(`no sampling rule ${JSON.stringify(name ?? arn)}`);
    return found;
  }

  #keep(record: RuleRecord): object {
    this.#rules.set(record.SamplingRule.RuleName, record);
    this.#changed(record.ModifiedAt);
    return { SamplingRuleRecord: record };
  }

  #changed(at: number): void {
    this.#lastModified = Math.max(this.#lastModified, at);
    this.#context.store.setSetting('rules', [...this.#rules.values()]);
    this.#context.rulesChanged();
  }

  /** Sorted by priority, then by name: the order in which clients evaluate them. */
  #sorted(): readonly RuleRecord[] {
    return [...this.#rules.values()].sort(
      ({ SamplingRule: a }, { SamplingRule: b }) =>
        a.Priority - b.Priority || (a.RuleName < b.RuleName ? -1 : 1),
    );
  }

  readonly #arn = (name: string): string =>
    `arn:aws:xray:${this.#context.region}:${this.#context.account}:sampling-rule/${name}`;
}

interface Target {
  readonly RuleName: string;
  readonly FixedRate: number;
  readonly ReservoirQuota?: number;
  readonly ReservoirQuotaTTL?: number;
  readonly Interval: number;
}

type Report = StatisticsDocument & { readonly at: number };

function reportOf(input: JsonObject): Report {
  return {
    ruleName: requiredText(input, 'RuleName', { min: 1, max: 32 }),
    clientId: requiredText(input, 'ClientID', { min: CLIENT_ID_LENGTH, max: CLIENT_ID_LENGTH }),
    at: requiredTime(input, 'Timestamp'),
    requests: requiredNumber(input, 'RequestCount', COUNT),
    sampled: requiredNumber(input, 'SampledCount', COUNT),
    borrowed: input['BorrowCount'] == null ? 0 : requiredNumber(input, 'BorrowCount', COUNT),
  };
}

function boostReportOf(input: JsonObject): BoostReport & { readonly at: number } {
  requiredText(input, 'ServiceName');
  requiredNumber(input, 'TotalCount', COUNT);
  return {
    ruleName: requiredText(input, 'RuleName', { min: 1, max: 32 }),
    at: requiredTime(input, 'Timestamp'),
    anomalies: requiredNumber(input, 'AnomalyCount', COUNT),
    sampledAnomalies: requiredNumber(input, 'SampledAnomalyCount', COUNT),
  };
}

/** A client that reports a rule twice in one call has reported the sum. */
function combined(reports: readonly Report[]): readonly StatisticsDocument[] {
  const sums = new Map<string, StatisticsDocument>();
  for (const report of reports) {
    const key = `${report.clientId} ${report.ruleName}`;
    const before = sums.get(key);
    sums.set(key, {
      clientId: report.clientId,
      ruleName: report.ruleName,
      requests: report.requests + (before?.requests ?? 0),
      sampled: report.sampled + (before?.sampled ?? 0),
      borrowed: report.borrowed + (before?.borrowed ?? 0),
    });
  }
  return [...sums.values()];
}
