import type { AttributeKey } from './attribute-keys.ts';

/**
 * Observes how a translation uses the attributes of a span, so that the documents of similar spans
 * can be written without a translation.
 *
 * A document depends on the attribute keys, on the values that were *read*, and on the values that
 * were only *copied* into the document, without affecting anything else.
 */
export interface AttributeObserver {
  /** The document may depend on the value of this attribute. */
  onRead(key: AttributeKey): void;
  /**
   * The document contains the value of this attribute, and nothing else depends on it.
   *
   * @param shown the value in the document
   * @param render returns the value in the document for another attribute value; `undefined` if
   *   other parts of the document would differ too
   * @param pairedWith another attribute that is part of the same value in the document
   * @returns the value to use in the document
   */
  onCopy<T>(key: AttributeKey, shown: T, render: Render, pairedWith?: AttributeKey): T;
}

/**
 * Returns the value in the document for an attribute value.
 *
 * @param paired value of the attribute that is part of the same value in the document
 */
export type Render = (value: unknown, paired: unknown) => unknown;
