import { compilePattern } from '../sampler/wildcard.ts';
import type { Segment } from './entities.ts';
import { withoutQuery } from './request-data.ts';

/** Returns the flag for an HTTP status: `error`, `fault`, or none. */
export function getCauseTypeFromHttpStatus(status: number | string): 'error' | 'fault' | undefined {
  const text = String(status);
  if (/^4\d\d$/.test(text)) return 'error';
  return /^5\d\d$/.test(text) ? 'fault' : undefined;
}

/** Returns the path without its query. */
export function stripQueryStringFromPath(path?: string): string {
  return withoutQuery(path ?? '');
}

/** Returns whether a text matches a pattern with `*` and `?`. Ignores case. */
export function wildcardMatch(pattern?: string, text?: string): boolean {
  if (pattern === undefined || text === undefined) return false;
  return compilePattern(pattern)(text);
}

/** Keys of the trace header that are parsed. */
const RESERVED: ReadonlySet<string> = new Set(['root', 'parent', 'sampled', 'self']);
/** Maximum size of other data in bytes. */
const MAX_DATA = 256;

/** The parts of a trace header: `root`, `parent`, `sampled` and `self` are strings, `data` is an object. */
// biome-ignore lint/suspicious/noExplicitAny: an object among texts, as in the X-Ray SDK
export type TraceData = { [key: string]: any };

/** Parses an `X-Amzn-Trace-Id` header. Unknown keys are in `data`. */
export function processTraceData(header?: string): TraceData {
  if (typeof header !== 'string' || header === '') return {};
  const known: Record<string, string> = {};
  const data: Record<string, string> = {};
  let left = MAX_DATA;
  for (const part of header.split(';')) {
    const [key = '', value = ''] = part.split('=').map((text) => text.trim());
    if (key === '' || value === '') continue;
    if (RESERVED.has(key.toLowerCase())) {
      known[key.toLowerCase()] = value;
    } else if (key !== '__proto__' && left >= key.length + value.length) {
      data[key] = value;
      left -= key.length + value.length;
    }
  }
  return { ...known, data };
}

/** Helpers for the trace header of a Lambda invocation. */
export const LambdaUtils: {
  validTraceData(header?: string): boolean;
  populateTraceData(segment: Segment, header: string): boolean;
} = {
  validTraceData(header) {
    const { root, parent, sampled } = processTraceData(header);
    return Boolean(root && parent && sampled);
  },
  /** Sets trace, parent and decision of a segment from the header. Returns whether all are present. */
  populateTraceData(segment, header) {
    const { root, parent, sampled, data } = processTraceData(header);
    if (root) segment.trace_id = root;
    if (parent) segment.parent_id = parent;
    segment.notTraced = sampled !== '1';
    if (data) segment.additionalTraceData = data;
    return Boolean(root && ((parent && sampled) || (!parent && !sampled)));
  },
};

/** Returns a shallow copy without some keys. */
export function objectWithoutProperties<T extends object, K extends keyof T>(
  object: T,
  keys: K[],
  preservePrototype: boolean = false,
): Omit<T, K> {
  const copy = preservePrototype ? Object.create(Object.getPrototypeOf(object)) : {};
  for (const key of Object.keys(object)) {
    if (!keys.includes(key as K)) copy[key] = object[key as keyof T];
  }
  return copy;
}

/** Returns the integer, or 0 if there is none. */
export function safeParseInt(value: number | string): number {
  return Number.parseInt(String(value), 10) || 0;
}
