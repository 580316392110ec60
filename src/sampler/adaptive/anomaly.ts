import { pathOf } from '../rule-input.ts';
import type { AnomalyCondition } from './conditions.ts';

/** The parts of an ended span that tell whether it is an anomaly. */
export interface MeasuredSpan {
  readonly name: string;
  readonly startTime: readonly [seconds: number, nanoseconds: number];
  readonly endTime: readonly [seconds: number, nanoseconds: number];
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Anomaly {
  readonly boost: boolean;
  readonly capture: boolean;
  readonly isByDefault: boolean;
}

const NO_ANOMALY: Anomaly = { boost: false, capture: false, isByDefault: false };
const BY_DEFAULT: Anomaly = { boost: true, capture: true, isByDefault: true };
const ERROR = 2;
const FIRST_FAULT = 500;

/**
 * Returns whether a span is an anomaly, and what for.
 *
 * Without conditions: a status code of 500 or above; without a status code, the span status ERROR.
 *
 * @see docs/spec/sampling.md section 13
 */
export function anomalyOf(
  span: MeasuredSpan,
  conditions: readonly AnomalyCondition[] | undefined,
): Anomaly {
  const code = statusCode(span);
  if (conditions === undefined) {
    const isFault = code === undefined ? span.status.code === ERROR : code >= FIRST_FAULT;
    return isFault ? BY_DEFAULT : NO_ANOMALY;
  }
  let boost = false;
  let capture = false;
  for (const condition of conditions) {
    if ((condition.boost && !boost) || (condition.capture && !capture)) {
      if (!isMet(condition, span, code)) continue;
      boost ||= condition.boost;
      capture ||= condition.capture;
    }
  }
  return boost || capture ? { boost, capture, isByDefault: false } : NO_ANOMALY;
}

function isMet(
  { errorCode, highLatencyMs, operations }: AnomalyCondition,
  span: MeasuredSpan,
  code: number | undefined,
): boolean {
  if (errorCode === undefined && highLatencyMs === undefined) return false;
  if (errorCode !== undefined && (code === undefined || !errorCode.test(String(code)))) {
    return false;
  }
  if (highLatencyMs !== undefined && durationMs(span) < highLatencyMs) return false;
  return operations === undefined || operationsOf(span).some((name) => operations.has(name));
}

function statusCode({ attributes }: MeasuredSpan): number | undefined {
  const code = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  const value = Number(code ?? Number.NaN);
  return Number.isNaN(value) ? undefined : value;
}

function durationMs({ startTime, endTime }: MeasuredSpan): number {
  return (endTime[0] - startTime[0]) * 1e3 + (endTime[1] - startTime[1]) / 1e6;
}

/**
 * Returns the names of a span's operation: as the SDKs of AWS derive it (`GET /first-segment`), by
 * its route, and its own name; each also without the method.
 */
function operationsOf({ name, attributes }: MeasuredSpan): readonly string[] {
  const local = attributes['aws.local.operation'];
  if (typeof local === 'string') return [local];
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  const path = pathOf(attributes as Parameters<typeof pathOf>[0]);
  const routes = [path && firstSegment(path), attributes['http.route'], path];
  return [
    name,
    ...routes
      .filter((route) => typeof route === 'string')
      .flatMap((route) => [route, `${String(method)} ${route}`]),
  ];
}

function firstSegment(path: string): string {
  return `/${path.split('/')[1] ?? ''}`;
}
