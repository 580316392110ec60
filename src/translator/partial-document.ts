import type { SegmentDocument } from './document.ts';
import { setOwn } from './values/json.ts';

/**
 * A document without some parts of `metadata.default`, for callers that write many documents: the
 * resource's keys are written once, and attributes are not copied into an object first.
 */
export interface PartialDocument {
  readonly document: SegmentDocument;
  /** First keys of `metadata.default`: one object, shared by all documents of the resource. */
  readonly resourceMetadata: Readonly<Record<string, unknown>> | undefined;
  /** Last keys of `metadata.default`, after those of the document. */
  readonly unmapped: UnmappedAttributes;
}

/** The attributes that no block and no annotation shows: keys and values by index. */
export interface UnmappedAttributes {
  readonly keys: readonly UnmappedKey[];
  /** JSON values. */
  readonly values: readonly unknown[];
}

export interface UnmappedKey {
  readonly name: string;
  /** `,"name":` as bytes, set by the writer that needs it first. */
  json: Uint8Array | undefined;
}

export const NO_UNMAPPED: UnmappedAttributes = { keys: [], values: [] };

/** Returns the document with all its parts. */
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
