import type { Span } from '@opentelemetry/api';
import { addAnnotation } from '../../api/annotations.ts';
import { localRootOf } from '../../api/local-root.ts';

/** The text of an annotation ends after 1,000 characters. */
const MAX_VALUES = 50;

/** Property of a segment with the values of its joined annotations, by the name of the annotation. */
const VALUES: unique symbol = Symbol('otel-xray joined values');

interface JoiningSpan extends Span {
  [VALUES]?: Map<string, Set<string>>;
}

/**
 * Annotates a span, and the segment of its request with the values of all such spans, sorted and joined by
 * commas: a batch has several of them.
 */
export function addJoinedAnnotation(name: string, value: string, span: Span): void {
  addAnnotation(name, value, span);
  joinAnnotation(name, value, span);
}

/** Adds the value of an annotation of a span to the annotation of the segment of its request. */
export function joinAnnotation(name: string, value: string, span: Span): void {
  const root = localRootOf(span) as JoiningSpan;
  if (root === span) return;
  root[VALUES] ??= new Map();
  const values = root[VALUES].get(name) ?? new Set();
  if (values.has(value) || values.size === MAX_VALUES) return;
  root[VALUES].set(name, values.add(value));
  addAnnotation(name, [...values].sort().join(','), root);
}
