import type { Metadata, SegmentDocument } from './document.ts';

/**
 * A document of which a part is left out that all documents of a resource share, so that who writes
 * many of them writes that part once.
 */
export interface Draft {
  readonly document: SegmentDocument;
  /** The first keys of `metadata.default`: the same object for all documents; `undefined`: none. */
  readonly shared: Readonly<Record<string, unknown>> | undefined;
  /**
   * The same object for all documents that differ from it in ids and times alone; `undefined` when
   * none before this one is known.
   */
  readonly alike: SegmentDocument | undefined;
}

/** The document with all its parts. */
export function wholeDocument({ document, shared }: Draft): SegmentDocument {
  return shared === undefined ? document : { ...document, metadata: whole(shared, document) };
}

function whole(
  shared: Readonly<Record<string, unknown>>,
  { metadata = {} }: SegmentDocument,
): Metadata {
  const { default: own, ...others } = metadata;
  return { default: { ...shared, ...own }, ...others };
}
