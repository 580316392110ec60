import type { Span } from '@opentelemetry/api';
import { addAnnotation } from '../api/annotations.ts';
import { localRootOf } from '../api/local-root.ts';
import { attributesOf } from '../api/span-notes.ts';

const OPERATION = ['graphql.operation.name', 'graphql.operation.type'] as const;

/**
 * Adds the name and type of a GraphQL operation as annotations to its subsegment and to the segment
 * of the request, because all operations of a service share one URL.
 */
export function annotateOperation(span: Span): void {
  const attributes = attributesOf(span);
  for (const name of OPERATION) {
    const value = attributes[name];
    if (typeof value !== 'string') continue;
    addAnnotation(name, value, span);
    const root = localRootOf(span);
    if (root !== span) addAnnotation(name, value, root);
  }
}
