import { clampRate, isFiniteNumber, isRecord, readRule, type SamplingRule } from './rule.ts';
import type { Report } from './state.ts';
import { DEFAULT_INTERVAL_MS, type SamplingTarget } from './target.ts';

/** Largest number of documents in one GetSamplingTargets request. */
export const MAX_DOCUMENTS = 25;

export interface RulesPage {
  readonly rules: readonly SamplingRule[];
  /** One line for each record that was skipped. */
  readonly problems: readonly string[];
  /** Whether the response contained a list of rules. */
  readonly hasRules: boolean;
  /** Epoch seconds of the latest modification of a rule, or 0 if unknown. */
  readonly modifiedSeconds: number;
  readonly nextToken: string | undefined;
}

export interface TargetsReply {
  readonly targets: readonly SamplingTarget[];
  readonly modifiedSeconds: number | undefined;
  /** Rules whose statistics X-Ray did not accept, with the error code, for example `400`. */
  readonly unprocessed: readonly { readonly ruleName: string; readonly code: string }[];
}

/** @throws {SyntaxError} if the text is not a JSON object */
export function readRulesPage(text: string): RulesPage {
  const body = jsonObject(text);
  const records = body['SamplingRuleRecords'];
  const list = Array.isArray(records) ? records : [];
  const read = list.map((record) => readRule(isRecord(record) ? record['SamplingRule'] : record));
  const token = body['NextToken'];
  return {
    rules: read.flatMap(({ rule }) => rule ?? []),
    problems: read.flatMap(({ problem }) => problem ?? []),
    hasRules: list.length > 0,
    modifiedSeconds: list.reduce<number>(
      (newest, record) =>
        Math.max(newest, (isRecord(record) ? epochSeconds(record['ModifiedAt']) : undefined) ?? 0),
      0,
    ),
    nextToken: typeof token === 'string' && token !== '' ? token : undefined,
  };
}

/** @throws {SyntaxError} if the text is not a JSON object */
export function readTargets(text: string): TargetsReply {
  const body = jsonObject(text);
  return {
    targets: objectsOf(body['SamplingTargetDocuments']).flatMap((value) => readTarget(value) ?? []),
    modifiedSeconds: epochSeconds(body['LastRuleModification']),
    unprocessed: objectsOf(body['UnprocessedStatistics']).flatMap(({ RuleName, ErrorCode }) =>
      typeof RuleName === 'string' ? { ruleName: RuleName, code: String(ErrorCode ?? '') } : [],
    ),
  };
}

function readTarget(value: Record<string, unknown>): SamplingTarget | undefined {
  const { RuleName, FixedRate, ReservoirQuota, ReservoirQuotaTTL, Interval, SamplingBoost } = value;
  if (typeof RuleName !== 'string') return undefined;
  const boost = isRecord(SamplingBoost) ? SamplingBoost : {};
  const boostRate = boost['BoostRate'];
  return {
    ruleName: RuleName,
    fixedRate: isFiniteNumber(FixedRate) ? clampRate(FixedRate) : undefined,
    quota: isFiniteNumber(ReservoirQuota) && ReservoirQuota >= 0 ? ReservoirQuota : undefined,
    quotaEndSeconds: epochSeconds(ReservoirQuotaTTL),
    boostRate:
      isFiniteNumber(boostRate) && boostRate >= 0 && boostRate <= 1 ? boostRate : undefined,
    boostEndSeconds: epochSeconds(boost['BoostRateTTL']),
    intervalMs: isInterval(Interval) ? Interval * 1000 : DEFAULT_INTERVAL_MS,
  };
}

/** Returns whether a value is an interval in seconds. With 0, the sampler would poll constantly. */
function isInterval(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 300;
}

export function rulesBody(nextToken: string | undefined): string {
  return JSON.stringify(nextToken === undefined ? {} : { NextToken: nextToken });
}

/**
 * Returns the request body for at most 25 reports. `Timestamp` is in whole seconds.
 *
 * A rule whose requests were only observed, because another service decides about them, is reported
 * with a `RequestCount` of 0.
 *
 * @see docs/spec/sampling.md sections 2.2 and 13
 */
export function targetsBody(
  reports: readonly Report[],
  clientId: string,
  nowSeconds: number,
  serviceName: string,
): string {
  const Timestamp = Math.floor(nowSeconds);
  const boosts = reports
    .filter(({ counts }) => counts.observed > 0)
    .map(({ state, counts }) => ({
      RuleName: state.rule.RuleName,
      ServiceName: serviceName,
      Timestamp,
      TotalCount: counts.observed,
      AnomalyCount: counts.anomalies,
      SampledAnomalyCount: counts.sampledAnomalies,
    }));
  return JSON.stringify({
    SamplingStatisticsDocuments: reports.map(({ state, counts }) => ({
      ClientID: clientId,
      RuleName: state.rule.RuleName,
      Timestamp,
      RequestCount: counts.requests,
      SampledCount: counts.sampled,
      BorrowCount: counts.borrowed,
    })),
    ...(boosts.length > 0 && { SamplingBoostStatisticsDocuments: boosts }),
  });
}

/** Parses a time in epoch seconds: a number, a numeric string, or an ISO 8601 string. */
function epochSeconds(value: unknown): number | undefined {
  if (isFiniteNumber(value)) return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const seconds = Number.isFinite(Number(value)) ? Number(value) : Date.parse(value) / 1000;
  return Number.isFinite(seconds) ? seconds : undefined;
}

function jsonObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new SyntaxError('the response is not a JSON object');
  return value;
}

function objectsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
