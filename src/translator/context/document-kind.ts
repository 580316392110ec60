import type { SpanIdentity, TranslatableSpan } from '../span.ts';
import { segmentId } from '../values/ids.ts';
import { type AttributeReader, names } from './attributes.ts';
import type { Settings } from './options.ts';
import { KIND } from './span-traits.ts';

/**
 * How a span is represented in X-Ray.
 *
 * - `split`: a service segment and the dependency subsegment below it
 * - `lambda`: a subsegment of the function segment that Lambda sends
 */
export type DocumentKind = 'segment' | 'subsegment' | 'split' | 'lambda';

const NAMES = {
  spanKind: names('aws.span.kind'),
  isLocalRoot: names('aws.is.local.root'),
} as const;

export interface Parent {
  /** `undefined` for a root span, and if the propagator generated the parent. */
  readonly id: string | undefined;
  readonly isRemote: boolean;
  /** `parentSpanContext` of the span; `undefined` in SDK 1.x. */
  readonly context?: SpanIdentity | undefined;
}

const NO_PARENT: Parent = { id: undefined, isRemote: false };

/**
 * Returns the parent of a span. Parents in SDK 1.x count as local, because SDK 1.x does not record
 * whether they are remote.
 */
export function parentOf(span: TranslatableSpan, settings: Settings): Parent {
  const context = span.parentSpanContext;
  const id = parentId(context?.spanId ?? span.parentSpanId);
  if (id === undefined) return NO_PARENT;
  if (context !== undefined && settings.isRootOnly?.(context) === true) return NO_PARENT;
  return { id, isRemote: context?.isRemote === true, context };
}

/** The last parent, cached because consecutive spans are often siblings. */
let lastSpanId: unknown;
let lastId: string | undefined;

function parentId(spanId: unknown): string | undefined {
  if (spanId !== lastSpanId) {
    lastSpanId = spanId;
    lastId = segmentId(spanId);
  }
  return lastId;
}

/**
 * Returns the kind of documents for a span (docs/spec/translation.md section 1.4, rows S1 to S8 in
 * order).
 *
 * Never returns `subsegment` for a span without a parent, because X-Ray rejects such documents.
 */
export function documentKind(
  kind: number,
  parent: Parent,
  reader: AttributeReader,
  settings: Settings,
): DocumentKind {
  if (reader.peek(NAMES.spanKind) === 'LOCAL_ROOT') {
    return kind === KIND.SERVER || kind === KIND.INTERNAL ? 'segment' : 'split';
  }
  const isLocalRoot =
    parent.id === undefined || parent.isRemote || reader.peek(NAMES.isLocalRoot) === true;
  if (isLocalRoot && isInvocation(parent, settings)) return 'lambda';
  if (kind === KIND.SERVER) return 'segment';
  if (kind === KIND.CLIENT || kind === KIND.PRODUCER) {
    if (isLocalRoot && settings.splitLocalRootClients) return 'split';
    return parent.id === undefined ? 'segment' : 'subsegment';
  }
  return isLocalRoot ? 'segment' : 'subsegment';
}

/** Returns whether the parent is the one in the trace header of the Lambda invocation (S2). */
export function isInvocation(parent: Parent, settings: Settings): boolean {
  const { lambda } = settings;
  if (lambda === undefined || lambda.root === 'segment' || !parent.isRemote) return false;
  const { parentId } = lambda;
  const own = parent.context ?? { traceId: '', spanId: parent.id ?? '' };
  const invocation = typeof parentId === 'function' ? parentId(own) : parentId;
  return invocation !== undefined && invocation.toLowerCase() === parent.id;
}
