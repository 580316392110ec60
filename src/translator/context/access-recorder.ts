import type { AttributeKey } from './attribute-keys.ts';

/**
 * Observes how a translation reads the attributes of a span, so that similar spans need not be
 * translated.
 *
 * A document follows from the keys, from the values that were *read*, and from the values that were
 * only *copied*: shown somewhere, whatever they are.
 */
export interface AttributeObserver {
  /** The document may depend on the value of this attribute. */
  onRead(key: AttributeKey): void;
  /**
   * The value of this attribute is shown, and nothing else depends on it.
   *
   * @param shown the value in the document
   * @param render returns what is shown for another value; `undefined` if the document would differ
   *   in more than that
   * @param pairedWith the attribute that it is shown together with
   * @returns what is shown instead
   */
  onCopy<T>(key: AttributeKey, shown: T, render: Render, pairedWith?: AttributeKey): T;
}

/** @param paired value of the attribute that it is shown together with */
export type Render = (value: unknown, paired: unknown) => unknown;
