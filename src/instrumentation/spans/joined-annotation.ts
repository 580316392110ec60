import type { Span } from '@opentelemetry/api';
import { addAnnotation } from '../../api/annotations.ts';
import { localRootOf } from '../../api/local-root.ts';

/** The text of an annotation ends after 1,000 characters. */
const MAX_VALUES = 50;

const valuesOf = new WeakMap<Span, Map<string, ReadonlySet<string>>>();

/**
 * Annotates a span, and the segment of its request with the values of all such spans, sorted and joined by
 * commas: a batch has several of them.
 */
export function addJoinedAnnotation(name: string, value: string, span: Span): void {
  addAnnotation(name, value, span);
  const root = localRootOf(span);
  if (root === span) return;
  const values = valuesOf.get(root) ?? new Map<string, ReadonlySet<string>>();
  valuesOf.set(root, values);
  const known = values.get(name);
  if (known?.size === MAX_VALUES) return;
  const all = new Set(known).add(value);
  values.set(name, all);
  addAnnotation(name, [...all].sort().join(','), root);
}
