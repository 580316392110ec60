import { DEFAULT_RULE, isRecord, readRule, type SamplingRule } from './rule.ts';

/** What a rules file says: either rules, or every reason why it cannot be used. */
export interface LocalRules {
  readonly rules: readonly SamplingRule[];
  /** One line a problem, each with the place in the file, e.g. `$.rules[1].rate: …`. */
  readonly problems: readonly string[];
}

/**
 * Reads rules of three forms:
 *
 * - the X-Ray SDKs' own, `{"version": 2, "default": …, "rules": […]}`, version 1 or 2;
 * - `{"SamplingRule": …}`, as `aws xray create-sampling-rule --cli-input-json` takes it, or a list
 *   of these;
 * - `{"SamplingRuleRecords": […]}`, as `aws xray get-sampling-rules` prints it.
 *
 * Never throws. A file with one problem is not used at all: half of its rules would sample what
 * the other half was written to keep out.
 */
export function readLocalRules(value: unknown): LocalRules {
  const problems: string[] = [];
  const rules = rulesIn(value, problems);
  return problems.length === 0 ? { rules, problems } : { rules: [], problems };
}

/** As {@link readLocalRules}, from the text of a file. */
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
    if ('version' in value || 'default' in value) return sdkRules(value, problems);
  }
  problems.push('$: neither rules of an X-Ray SDK ("version", "default") nor "SamplingRule"');
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
    if (problem !== undefined) problems.push(`${isList ? `${place}[${i}]` : place}: ${problem}`);
    return rule ?? [];
  });
}

/** The name of the host's pattern, by version: version 1 called it after the service. */
const HOST_KEY: Readonly<Record<number, string>> = { 1: 'service_name', 2: 'host' };

function sdkRules(file: Record<string, unknown>, problems: string[]): SamplingRule[] {
  const { version } = file;
  const hostKey = typeof version === 'number' ? HOST_KEY[version] : undefined;
  if (hostKey === undefined) {
    problems.push(`$.version: ${JSON.stringify(version)} is neither 1 nor 2`);
    return [];
  }
  onlyKeys(file, ['version', 'default', 'rules'], '$', problems);
  const { rules = [] } = file;
  if (!Array.isArray(rules)) problems.push('$.rules: not a list');
  const read = (Array.isArray(rules) ? rules : []).map((rule, i) =>
    sdkRule(rule, i, hostKey, problems),
  );
  return [...read, defaultRule(file['default'], problems)];
}

function sdkRule(value: unknown, i: number, hostKey: string, problems: string[]): SamplingRule {
  const place = `$.rules[${i}]`;
  const rule = recordAt(value, place, problems);
  onlyKeys(
    rule,
    ['description', hostKey, 'http_method', 'url_path', 'fixed_target', 'rate'],
    place,
    problems,
  );
  const { description } = rule;
  return {
    ...shareOf(rule, place, problems),
    RuleName:
      typeof description === 'string' && description !== '' && description !== DEFAULT_RULE
        ? `${i + 1}: ${description}`
        : `local rule ${i + 1}`,
    // First match wins, in the order of the file.
    Priority: i,
    Host: patternAt(rule, hostKey, place, problems),
    HTTPMethod: patternAt(rule, 'http_method', place, problems),
    URLPath: patternAt(rule, 'url_path', place, problems),
    ...ANY,
  };
}

const ANY = { ServiceName: '*', ServiceType: '*', ResourceARN: '*', Attributes: {} } as const;

function defaultRule(value: unknown, problems: string[]): SamplingRule {
  const place = '$.default';
  const rule = recordAt(value, place, problems);
  onlyKeys(rule, ['fixed_target', 'rate'], place, problems);
  return {
    ...shareOf(rule, place, problems),
    RuleName: DEFAULT_RULE,
    Priority: 10_000,
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    ...ANY,
  };
}

function shareOf(rule: Record<string, unknown>, place: string, problems: string[]) {
  const { fixed_target: target, rate } = rule;
  if (!Number.isInteger(target) || (target as number) < 0) {
    problems.push(`${place}.fixed_target: ${JSON.stringify(target)} is not a whole number from 0`);
  }
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) {
    problems.push(`${place}.rate: ${JSON.stringify(rate)} is not a number from 0 to 1`);
  }
  return { ReservoirSize: target as number, FixedRate: rate as number };
}

function patternAt(
  rule: Record<string, unknown>,
  key: string,
  place: string,
  problems: string[],
): string {
  const pattern = rule[key];
  if (typeof pattern === 'string' && pattern !== '') return pattern;
  problems.push(`${place}.${key}: ${JSON.stringify(pattern)} is not a pattern`);
  return '*';
}

function recordAt(value: unknown, place: string, problems: string[]): Record<string, unknown> {
  if (isRecord(value)) return value;
  problems.push(`${place}: ${value === undefined ? 'missing' : 'not an object'}`);
  return {};
}

function onlyKeys(
  record: Record<string, unknown>,
  allowed: readonly string[],
  place: string,
  problems: string[],
): void {
  for (const key of Object.keys(record)) {
    if (!allowed.includes(key)) problems.push(`${place}.${key}: unknown key`);
  }
}
