import type { AttributeKey } from './context/attribute-keys.ts';
import type { SegmentDocument } from './document.ts';
import { setOwn } from './values/json.ts';

/**
 * A document of which parts are left out for who writes many of them: what all documents of a resource
 * share is written once, and what is copied from the span needs no object of its own.
 */
export interface PartialDocument {
  readonly document: SegmentDocument;
  /** The first keys of `metadata.default`: the same object for all documents; `undefined`: none. */
  readonly resourceMetadata: Readonly<Record<string, unknown>> | undefined;
  /** Further keys of `metadata.default`, behind what the document has there. */
  readonly unmapped: UnmappedAttributes;
}

/** Attributes that no block and no annotation tells, as they are shown: keys and values by index. */
export interface UnmappedAttributes {
  readonly keys: readonly AttributeKey[];
  /** As JSON can say them. */
  readonly values: readonly unknown[];
}

export const NO_UNMAPPED: UnmappedAttributes = { keys: [], values: [] };

/** The document with all its parts. */
export function toDocument({
  document,
  resourceMetadata,
  unmapped,
}: PartialDocument): SegmentDocument {
  if (resourceMetadata === undefined && unmapped.keys.length === 0) return document;
  const { default: own, ...others } = document.metadata ?? {};
  const main: Record<string, unknown> = { ...resourceMetadata, ...own };
  for (const [index, { name }] of unmapped.keys.entries()) {
    setOwn(main, name, unmapped.values[index]);
  }
  return { ...document, metadata: { default: main, ...others } };
}
