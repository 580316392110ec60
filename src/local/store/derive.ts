import { TRACE_FIELDS } from '../filter/fields.ts';
import { indexTrace } from '../filter/trace-index.ts';
import { asObject } from '../json.ts';
import type { Trace } from '../trace/assemble.ts';
import { callsOf } from '../trace/calls.ts';
import { keptAnnotations } from '../trace/compile.ts';
import { type Contribution, contributionOf } from '../trace/contribution.ts';
import { type Entity, flagsOf, lengthOf, toMicros, withDescendants } from '../trace/entity.ts';
import { linkedIds } from '../trace/links.ts';
import { nodeOf } from '../trace/node.ts';

/**
 * An indexed fact of a trace: its subject (`kind`, `key`) and its value.
 *
 * - `field` key = keyword of the filter language
 * - `annotation` key = annotation key
 * - `node` key = name, value = type; `node.fault`, `node.error`, `node.throttle`: one of its
 *   segments has the flag
 * - `edge` key = JSON of both names; `edge.fault` …: as above, for its calls
 * - `cause` key = `fault` or `error`
 * - `link` key = id of a trace that one of its segments links to
 */
export interface Term {
  readonly kind: string;
  readonly key: string;
  readonly value: string | number | boolean;
}

/** One bit per boolean keyword, in a mask for true and one for false; neither is set without a value. */
export const FLAG_BITS = {
  ok: 1,
  error: 2,
  fault: 4,
  throttle: 8,
  partial: 16,
  inferred: 32,
} as const;

export type FlagName = keyof typeof FLAG_BITS;

/** Data derived from the documents of a trace, for searches. */
export interface Derived {
  readonly start: number;
  readonly end: number;
  readonly duration: number;
  readonly response: number | undefined;
  readonly flagsTrue: number;
  readonly flagsFalse: number;
  readonly terms: readonly Term[];
  readonly contribution: Contribution;
}

/** Raised when other terms are derived; traces of older stores are then derived again. */
export const DERIVATION = 2;
/** A trace with more terms is not fully indexed; every search reads its documents. */
const MAX_TERMS = 2_000;
/** Longer texts are truncated, in the index only. */
export const MAX_TERM_LENGTH = 512;

export function derive(trace: Trace): Derived {
  const traceIndex = indexTrace(trace);
  const masks = { flagsTrue: 0, flagsFalse: 0 };
  for (const [name, bit] of Object.entries(FLAG_BITS)) {
    const [value] = TRACE_FIELDS[name]?.values(traceIndex) ?? [];
    if (value === true) masks.flagsTrue |= bit;
    if (value === false) masks.flagsFalse |= bit;
  }
  return {
    start: trace.start,
    end: trace.end,
    duration: toMicros(trace.end - trace.start),
    response: trace.root && lengthOf(trace.root),
    ...masks,
    terms: [...termsOf(trace)],
    contribution: contributionOf(trace),
  };
}

/** Keywords that are looked up as terms; the others are columns. */
export const TERM_FIELDS: ReadonlySet<string> = new Set(
  Object.entries(TRACE_FIELDS)
    .filter(([name, { type }]) => type === 'string' || name === 'http.status')
    .map(([name]) => name),
);

function* termsOf(trace: Trace): Generator<Term> {
  const seen = new Set<string>();
  for (const term of everyTerm(trace)) {
    const value =
      typeof term.value === 'string' ? term.value.slice(0, MAX_TERM_LENGTH) : term.value;
    const id = JSON.stringify([term.kind, term.key, value]);
    if (seen.has(id)) continue;
    if (seen.size === MAX_TERMS) {
      yield OVERFLOW;
      return;
    }
    seen.add(id);
    yield { ...term, value };
  }
}

/** Marks a trace that is not fully indexed: every search must read it. */
export const OVERFLOW: Term = { kind: 'overflow', key: '', value: true };

function* everyTerm(trace: Trace): Generator<Term> {
  const traceIndex = indexTrace(trace);
  for (const key of TERM_FIELDS) {
    for (const value of TRACE_FIELDS[key]?.values(traceIndex) ?? []) {
      yield { kind: 'field', key, value: value as string | number };
    }
  }
  for (const top of [...trace.segments, ...trace.orphans]) {
    for (const { record } of withDescendants(top)) {
      for (const id of linkedIds(record['links'])) yield { kind: 'link', key: id, value: true };
      const kept = keptAnnotations(asObject(record['annotations'])) ?? {};
      for (const [key, value] of Object.entries(kept)) yield { kind: 'annotation', key, value };
    }
  }
  for (const segment of traceIndex.segments) {
    const { name, type } = nodeOf(segment);
    yield* withFlags('node', name, type ?? '', segment);
  }
  for (const { source, target, values } of callsOf(trace)) {
    yield* withFlags('edge', JSON.stringify([source.name, target.name]), '', values);
  }
  for (const kind of ['fault', 'error'] as const) {
    if (traceIndex.causes(kind).length > 0) yield { kind: 'cause', key: kind, value: true };
  }
}

function* withFlags(kind: string, key: string, value: string, entity: Entity): Generator<Term> {
  yield { kind, key, value };
  for (const [flag, set] of Object.entries(flagsOf(entity.record))) {
    if (set) yield { kind: `${kind}.${flag}`, key, value };
  }
}
