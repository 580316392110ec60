import { isRecord } from '../rule.ts';

/** When a span is an anomaly. All given criteria must be met. */
export interface AnomalyCondition {
  /** Matches the whole HTTP status code. */
  readonly errorCode: RegExp | undefined;
  /** Operations to which the condition applies; `undefined` for all. */
  readonly operations: ReadonlySet<string> | undefined;
  readonly highLatencyMs: number | undefined;
  /** Whether such a span counts in the reports that make X-Ray boost the rate. */
  readonly boost: boolean;
  /** Whether the spans of such a request are kept although it is not sampled. */
  readonly capture: boolean;
}

/** Adaptive sampling as `AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG` describes it. */
export interface AdaptiveConfig {
  /** `undefined`: server errors, for both purposes. An empty list: no anomalies. */
  readonly conditions: readonly AnomalyCondition[] | undefined;
  /** Maximum number of requests per second that are kept because of an anomaly. */
  readonly tracesPerSecond: number;
}

export interface ReadAdaptiveConfig {
  /** `undefined` if the configuration cannot be used at all. */
  readonly config: AdaptiveConfig | undefined;
  /** One line per invalid part: what was expected, and what happens instead. */
  readonly problems: readonly string[];
}

const DEFAULT_TRACES_PER_SECOND = 1;

interface Usage {
  readonly boost: boolean;
  readonly capture: boolean;
}

const BOTH: Usage = { boost: true, capture: true };
const CAPTURE: Usage = { boost: false, capture: true };

/** AWS's documentation and SDKs use two names for the same purpose. */
const USAGES: ReadonlyMap<string, Usage> = new Map([
  ['both', BOTH],
  ['sampling-boost', { boost: true, capture: false }],
  ['anomaly-trace-capture', CAPTURE],
  ['anomaly-span-capture', CAPTURE],
  ['neither', { boost: false, capture: false }],
]);

const TOP_KEYS = ['version', 'anomalyConditions', 'anomalyCaptureLimit'];
const CONDITION_KEYS = ['errorCodeRegex', 'operations', 'highLatencyMs', 'usage'];

/**
 * Validates a parsed configuration. Invalid conditions are skipped; without a valid one, the default
 * conditions apply.
 *
 * @see docs/spec/sampling.md section 13
 */
export function readAdaptiveConfig(value: unknown): ReadAdaptiveConfig {
  if (!isRecord(value)) return unusable('expected a mapping with version and anomalyConditions');
  const { version = 1, anomalyConditions, anomalyCaptureLimit } = value;
  if (Math.floor(Number(version)) !== 1) {
    return unusable(`version ${JSON.stringify(version)} is not supported; expected 1.0`);
  }
  const problems = unknownKeys(value, TOP_KEYS);
  const conditions = readConditions(anomalyConditions, problems);
  const tracesPerSecond = readLimit(anomalyCaptureLimit, problems);
  return { config: { conditions, tracesPerSecond }, problems };
}

function unusable(problem: string): ReadAdaptiveConfig {
  return { config: undefined, problems: [`${problem}; the configuration is ignored`] };
}

function unknownKeys(value: object, known: readonly string[], prefix = ''): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key}: unknown key; it is ignored`);
}

function readConditions(
  value: unknown,
  problems: string[],
): readonly AnomalyCondition[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    problems.push('anomalyConditions: expected a list; the default conditions are used');
    return undefined;
  }
  const conditions = value.flatMap((item, index) => {
    try {
      return [readCondition(item, `anomalyConditions[${index}]`, problems)];
    } catch (error) {
      problems.push(`${(error as Error).message}; the condition is skipped`);
      return [];
    }
  });
  return conditions.length === 0 && value.length > 0 ? undefined : conditions;
}

/** @throws {TypeError} for an invalid condition; the message names it */
function readCondition(value: unknown, path: string, problems: string[]): AnomalyCondition {
  if (!isRecord(value)) throw new TypeError(`${path}: expected a mapping`);
  const { errorCodeRegex, operations, highLatencyMs, usage } = value;
  const purpose = USAGES.get(
    String(usage ?? 'both')
      .toLowerCase()
      .replaceAll('_', '-'),
  );
  if (purpose === undefined) {
    throw new TypeError(
      `${path}.usage ${JSON.stringify(usage)}: expected both, sampling-boost or anomaly-trace-capture`,
    );
  }
  const isText = (item: unknown) => typeof item === 'string';
  if (operations != null && !(Array.isArray(operations) && operations.every(isText))) {
    throw new TypeError(`${path}.operations: expected a list of strings`);
  }
  if (highLatencyMs != null && !(Number(highLatencyMs) > 0)) {
    throw new TypeError(
      `${path}.highLatencyMs ${JSON.stringify(highLatencyMs)}: expected a number above 0`,
    );
  }
  problems.push(...unknownKeys(value, CONDITION_KEYS, `${path}.`));
  return {
    errorCode: errorCodeRegex == null ? undefined : wholeMatch(errorCodeRegex, path),
    operations: operations == null ? undefined : new Set<string>(operations),
    highLatencyMs: highLatencyMs == null ? undefined : Number(highLatencyMs),
    ...purpose,
  };
}

/** @throws {TypeError} for an invalid expression */
function wholeMatch(value: unknown, path: string): RegExp {
  try {
    if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError();
    return new RegExp(`^(?:${value})$`);
  } catch {
    throw new TypeError(
      `${path}.errorCodeRegex ${JSON.stringify(value)}: expected a regular expression`,
    );
  }
}

function readLimit(value: unknown, problems: string[]): number {
  if (value === undefined || value === null) return DEFAULT_TRACES_PER_SECOND;
  const limit = isRecord(value) ? value['anomalyTracesPerSecond'] : undefined;
  if (Number.isInteger(limit) && (limit as number) >= 0) return limit as number;
  problems.push(
    `anomalyCaptureLimit.anomalyTracesPerSecond ${JSON.stringify(limit)}: expected a whole number from 0; using ${DEFAULT_TRACES_PER_SECOND}`,
  );
  return DEFAULT_TRACES_PER_SECOND;
}
