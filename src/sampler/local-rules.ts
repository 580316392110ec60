import { BUILT_IN_TEXT } from './fallback-rules.ts';
import {
  DEFAULT_RULE,
  DEFAULT_RULE_PRIORITY,
  isRecord,
  MATCH_ALL,
  readRule,
  type SamplingRule,
} from './rule.ts';

/** The content of a rules file: the rules that are understood, and what is wrong with the rest. */
export interface LocalRules {
  /** Empty if nothing in the file is a valid rule. */
  readonly rules: readonly SamplingRule[];
  /** One line per problem with its place in the file, e.g. `$.rules[1].rate: …`. */
  readonly problems: readonly string[];
}

/**
 * Reads rules in one of three forms:
 *
 * - the format of the X-Ray SDKs, `{"version": 2, "default": …, "rules": […]}`, version 1 or 2;
 * - `{"SamplingRule": …}`, the input of `aws xray create-sampling-rule --cli-input-json`, or a list
 *   of these;
 * - `{"SamplingRuleRecords": […]}`, the output of `aws xray get-sampling-rules`.
 *
 * Never throws. Ignores unknown keys and skips invalid rules, with a problem for each: the files of
 * the X-Ray SDKs for Go, Java and Python differ in details, and the other rules should still apply.
 *
 * @see docs/spec/sampling.md section 10
 */
export function readLocalRules(value: unknown): LocalRules {
  const problems: string[] = [];
  const rules = rulesIn(value, problems);
  if (rules.length + problems.length === 0) problems.push('$: contains no rules');
  return { rules, problems };
}

/** Reads rules as {@link readLocalRules} does, from the text of a file. */
export function parseLocalRules(text: string): LocalRules {
  try {
    return readLocalRules(JSON.parse(text));
  } catch (error) {
    return { rules: [], problems: [`$: not JSON: ${(error as Error).message}`] };
  }
}

function rulesIn(value: unknown, problems: string[]): SamplingRule[] {
  if (Array.isArray(value)) return xrayRules(value, '$', problems);
  if (isRecord(value)) {
    const records = value['SamplingRuleRecords'];
    if (Array.isArray(records)) return xrayRules(records, '$.SamplingRuleRecords', problems);
    if ('SamplingRule' in value) return xrayRules([value], '$', problems, false);
    if (SDK_KEYS.some((key) => key in value)) return sdkRules(value, problems);
  }
  problems.push(
    '$: expected rules of an X-Ray SDK ("version", "default", "rules") or "SamplingRule"',
  );
  return [];
}

function xrayRules(
  records: readonly unknown[],
  place: string,
  problems: string[],
  isList: boolean = true,
): SamplingRule[] {
  return records.flatMap((record, i) => {
    const inner = isRecord(record) && 'SamplingRule' in record ? record['SamplingRule'] : record;
    const { rule, problem } = readRule(isRecord(inner) ? { Version: 1, ...inner } : inner);
    if (problem !== undefined) {
      problems.push(`${isList ? `${place}[${i}]` : place}: ${problem}; the rule is skipped`);
    }
    return rule ?? [];
  });
}

const SDK_KEYS: readonly string[] = ['version', 'default', 'rules'];

/** The key of the host pattern by version. Version 1 named it after the service. */
const HOST_KEY: Readonly<Record<number, string>> = { 1: 'service_name', 2: 'host' };
const HOST_KEYS: readonly string[] = Object.values(HOST_KEY);

function sdkRules(file: Record<string, unknown>, problems: string[]): SamplingRule[] {
  const { version } = file;
  const hostKey = typeof version === 'number' ? HOST_KEY[version] : undefined;
  if (hostKey === undefined) {
    const found = version === undefined ? 'missing' : `${JSON.stringify(version)} is unknown`;
    problems.push(`$.version: ${found}; the file is read as version 2`);
  }
  ignoreOtherKeys(file, SDK_KEYS, '$', problems);
  const { rules = [] } = file;
  if (!Array.isArray(rules)) problems.push('$.rules: expected a list');
  const read = (Array.isArray(rules) ? rules : []).flatMap(
    (rule, i) => sdkRule(rule, i, hostKey, problems) ?? [],
  );
  return [...read, ...(defaultRule(file['default'], problems) ?? [])];
}

function sdkRule(
  rule: unknown,
  i: number,
  hostKey: string | undefined,
  problems: string[],
): [SamplingRule] | undefined {
  const place = `$.rules[${i}]`;
  const own: string[] = [];
  const share = shareOf(rule, place, own);
  const fields = isRecord(rule) ? rule : {};
  const expected = hostKey ?? 'host';
  const hostAt =
    expected in fields ? expected : (HOST_KEYS.find((key) => key in fields) ?? expected);
  if (hostKey !== undefined && hostAt !== hostKey) {
    problems.push(`${place}.${hostAt}: this version of the file names it "${hostKey}"`);
  }
  const host = patternAt(fields, hostAt, place, own);
  const method = patternAt(fields, 'http_method', place, own);
  const path = patternAt(fields, 'url_path', place, own);
  ignoreOtherKeys(
    fields,
    ['description', hostAt, 'http_method', 'url_path', 'fixed_target', 'rate'],
    place,
    problems,
  );
  problems.push(...own.map((problem) => `${problem}; the rule is skipped`));
  if (own.length > 0 || share === undefined) return undefined;
  const { description } = fields;
  return [
    {
      ...share,
      RuleName:
        typeof description === 'string' && description !== '' && description !== DEFAULT_RULE
          ? `${i + 1}: ${description}`
          : `local rule ${i + 1}`,
      // The first match wins, in the order of the file.
      Priority: i,
      ...MATCH_ALL,
      Host: host,
      HTTPMethod: method,
      URLPath: path,
    },
  ];
}

function defaultRule(rule: unknown, problems: string[]): [SamplingRule] | undefined {
  const own: string[] = [];
  const share = shareOf(rule, '$.default', own);
  if (isRecord(rule)) ignoreOtherKeys(rule, ['fixed_target', 'rate'], '$.default', problems);
  problems.push(...own.map((problem) => `${problem}; using ${BUILT_IN_TEXT}`));
  if (share === undefined) return undefined;
  return [{ ...share, RuleName: DEFAULT_RULE, Priority: DEFAULT_RULE_PRIORITY, ...MATCH_ALL }];
}

/** Reads reservoir and rate; `undefined` if one of them is invalid. */
function shareOf(
  rule: unknown,
  place: string,
  problems: string[],
): Pick<SamplingRule, 'ReservoirSize' | 'FixedRate'> | undefined {
  if (!isRecord(rule)) {
    problems.push(`${place}: ${rule === undefined ? 'missing' : 'expected an object'}`);
    return undefined;
  }
  const { fixed_target: target, rate } = rule;
  const isTarget = Number.isInteger(target) && (target as number) >= 0;
  const isRate = typeof rate === 'number' && rate >= 0 && rate <= 1;
  if (!isTarget) {
    problems.push(`${place}.fixed_target: expected a whole number from 0, got ${textOf(target)}`);
  }
  if (!isRate) problems.push(`${place}.rate: expected a number from 0 to 1, got ${textOf(rate)}`);
  return isTarget && isRate ? { ReservoirSize: target as number, FixedRate: rate } : undefined;
}

function patternAt(
  rule: Record<string, unknown>,
  key: string,
  place: string,
  problems: string[],
): string {
  const pattern = rule[key];
  if (typeof pattern === 'string' && pattern !== '') return pattern;
  problems.push(`${place}.${key}: expected a pattern, got ${textOf(pattern)}`);
  return '*';
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function ignoreOtherKeys(
  record: Record<string, unknown>,
  known: readonly string[],
  place: string,
  problems: string[],
): void {
  for (const key of Object.keys(record)) {
    if (!known.includes(key)) problems.push(`${place}.${key}: unknown key, ignored`);
  }
}
