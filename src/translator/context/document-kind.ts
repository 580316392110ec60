import type { SpanIdentity, TranslatableSpan } from '../span.ts';
import { segmentId } from '../values/ids.ts';
import { type AttributeReader, names } from './attributes.ts';
import type { Settings } from './options.ts';
import { KIND } from './span-traits.ts';

/**
 * - `split`: a service segment, and the dependency subsegment below it
 * - `lambda`: a subsegment of the function segment that Lambda sends
 */
export type DocumentKind = 'segment' | 'subsegment' | 'split' | 'lambda';

const NAMES = {
  spanKind: names('aws.span.kind'),
  isLocalRoot: names('aws.is.local.root'),
} as const;

export interface Parent {
  /** `undefined` on a root, and for a parent that the propagator generated. */
  readonly id: string | undefined;
  readonly isRemote: boolean;
  /** As the span has it; SDK 1.x gives none. */
  readonly context?: SpanIdentity | undefined;
}

const NO_PARENT: Parent = { id: undefined, isRemote: false };

/**
 * Returns the parent of a span. In SDK 1.x it counts as local, because nothing says that it is
 * remote.
 */
export function parentOf(span: TranslatableSpan, settings: Settings): Parent {
  const context = span.parentSpanContext;
  const id = parentId(context?.spanId ?? span.parentSpanId);
  if (id === undefined) return NO_PARENT;
  if (context !== undefined && settings.isRootOnly?.(context) === true) return NO_PARENT;
  return { id, isRemote: context?.isRemote === true, context };
}

/** The last parent: siblings mostly follow each other. */
let last: { readonly spanId: unknown; readonly id: string | undefined } = {
  spanId: undefined,
  id: undefined,
};

function parentId(spanId: unknown): string | undefined {
  if (spanId !== last.spanId) last = { spanId, id: segmentId(spanId) };
  return last.id;
}

/**
 * Which documents a span becomes (docs/spec/translation.md section 1.4; the rows S1 to S8 in
 * order).
 *
 * An independent subsegment without a parent is refused by X-Ray, so none is ever chosen.
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

/** Whether the parent is what Lambda names in the trace header of the invocation (S2). */
function isInvocation(parent: Parent, settings: Settings): boolean {
  const { lambda } = settings;
  if (lambda === undefined || lambda.root === 'segment' || !parent.isRemote) return false;
  const { parentId } = lambda;
  const own = parent.context ?? { traceId: '', spanId: parent.id ?? '' };
  const invocation = typeof parentId === 'function' ? parentId(own) : parentId;
  return invocation !== undefined && invocation.toLowerCase() === parent.id;
}
