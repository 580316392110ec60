import { asObject, own } from '../json.ts';
import type { Call } from '../trace/calls.ts';
import { type Node, nodeOf } from '../trace/node.ts';
import type { RootCauseKind } from '../trace/root-causes.ts';
import { causeJson } from '../trace/summary-causes.ts';
import type { Comparison, Expression, NodePattern } from './expression.ts';
import type { SegmentInTrace } from './fields.ts';
import {
  annotationValues,
  causeEntities,
  causeExceptions,
  causeServices,
  type TraceIndex,
  traceAnnotationValues,
} from './trace-index.ts';

/** What the keywords of a block test. */
interface Subject {
  /** Passed to the fields of the scope. */
  readonly value: unknown;
  readonly annotation: (
    key: string,
    side: 'source' | 'destination' | undefined,
  ) => readonly unknown[];
  /** Only at the level of the trace. */
  readonly traceIndex: TraceIndex | undefined;
}

/** Returns whether a trace satisfies an expression (docs/spec/xray-api.md section 4.3). */
export function matches(expression: Expression, traceIndex: TraceIndex): boolean {
  return holds(expression, {
    value: traceIndex,
    annotation: (key) => traceAnnotationValues(traceIndex.trace, key),
    traceIndex,
  });
}

function holds(expression: Expression, subject: Subject): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.of.every((each) => holds(each, subject));
    case 'or':
      return expression.of.some((each) => holds(each, subject));
    case 'not':
      return !holds(expression.of, subject);
    case 'field': {
      const { field, comparison } = expression;
      return satisfied(field.values(subject.value as never), comparison, field.type === 'boolean');
    }
    case 'annotation': {
      const values = subject.annotation(expression.key, expression.side);
      const isFlag = values.every((value) => typeof value === 'boolean');
      return satisfied(values, expression.comparison, isFlag);
    }
    default:
      return subject.traceIndex !== undefined && wholeHolds(expression, subject.traceIndex);
  }
}

function wholeHolds(
  expression: Extract<Expression, { kind: 'service' | 'edge' | 'cause' | 'cause-json' }>,
  traceIndex: TraceIndex,
): boolean {
  switch (expression.kind) {
    case 'service': {
      const { node, block } = expression;
      return traceIndex.segments.some(
        (segment) =>
          isNode(nodeOf(segment), node) &&
          blockHolds(block, segmentSubject({ segment, traceIndex })),
      );
    }
    case 'edge': {
      const { source, target, block } = expression;
      return traceIndex
        .calls()
        .some(
          (call) =>
            isNode(call.source, source) &&
            isNode(call.target, target) &&
            blockHolds(block, callSubject(call)),
        );
    }
    case 'cause': {
      const causes = traceIndex.causes(expression.cause);
      if (expression.part === undefined) return causes.length > 0;
      const parts: readonly unknown[] = PARTS[expression.part](causes);
      return parts.some((value) => blockHolds(expression.block, plainSubject(value)));
    }
    case 'cause-json': {
      const causes = KINDS.flatMap((kind) =>
        traceIndex.causes(kind).map((cause) => causeJson(cause, kind)),
      );
      return expression.patterns.some((pattern) =>
        causes.some((cause) => includes(cause, pattern)),
      );
    }
  }
}

const KINDS: readonly RootCauseKind[] = ['fault', 'error', 'responsetime'];
const PARTS = {
  service: causeServices,
  entity: causeEntities,
  exception: causeExceptions,
} as const;

function blockHolds(block: Expression | undefined, subject: Subject): boolean {
  return block === undefined || holds(block, subject);
}

function segmentSubject(value: SegmentInTrace): Subject {
  return {
    value,
    annotation: (key) => annotationValues(value.segment, key),
    traceIndex: undefined,
  };
}

function callSubject(call: Call): Subject {
  return {
    value: call,
    annotation: (key, side) => {
      const segment = side === 'source' ? call.from : call.to;
      return segment ? annotationValues(segment, key) : [];
    },
    traceIndex: undefined,
  };
}

function plainSubject(value: unknown): Subject {
  return { value, annotation: () => [], traceIndex: undefined };
}

/** Returns whether a node matches a pattern. */
export function isNode(node: Node, pattern: NodePattern): boolean {
  return (
    (pattern.name === undefined || node.name === pattern.name) &&
    (pattern.type === undefined || node.type === pattern.type) &&
    (pattern.accountId === undefined || node.accountId === pattern.accountId)
  );
}

/**
 * Returns whether any value satisfies a test. Without a comparison, a boolean must be true, any
 * other value must exist.
 */
function satisfied(
  values: readonly unknown[],
  comparison: Comparison | undefined,
  isFlag: boolean,
): boolean {
  if (comparison) return values.some((value) => compare(value, comparison));
  return isFlag ? values.includes(true) : values.length > 0;
}

/**
 * Returns whether a value satisfies a comparison. A value whose type differs from the literal
 * satisfies no operator, not even `!=`.
 */
export function compare(value: unknown, { operator, value: literal }: Comparison): boolean {
  if (typeof value !== typeof literal) return false;
  switch (operator) {
    case '=':
      return value === literal;
    case '!=':
      return value !== literal;
    case '<':
      return (value as number) < (literal as number);
    case '<=':
      return (value as number) <= (literal as number);
    case '>':
      return (value as number) > (literal as number);
    case '>=':
      return (value as number) >= (literal as number);
    case 'contains':
      return (value as string).includes(literal as string);
    case 'beginswith':
      return (value as string).startsWith(literal as string);
    case 'endswith':
      return (value as string).endsWith(literal as string);
  }
}

/**
 * Returns whether a value matches a pattern: listed fields must be equal, lists must have equal
 * length and order; other fields are ignored.
 */
function includes(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      value.length === pattern.length &&
      pattern.every((each, index) => includes(value[index], each))
    );
  }
  const fields = asObject(pattern);
  if (fields === undefined) return value === pattern;
  const object = asObject(value);
  return (
    object !== undefined &&
    Object.entries(fields).every(([key, each]) => includes(own(object, key), each))
  );
}
