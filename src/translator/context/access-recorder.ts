import type { AttributeKey } from './attribute-keys.ts';

/**
 * Told how a translation reads the attributes of a span, so that one like it need not be translated.
 *
 * The document follows from the keys, from the values it *depends* on, and from those that are only
 * *copied*: shown somewhere, whatever they are.
 */
export interface AttributeObserver {
  /** Some choice may have been made by the value of this attribute. */
  onRead(key: AttributeKey): void;
  /**
   * The value of this attribute is shown, and nothing else follows from it.
   *
   * @param shown what stands in the document
   * @param show makes it of a value; `undefined` when another value had not been shown like this one
   * @param beside what it is shown together with, from which nothing else follows by this
   * @returns what is to stand there instead
   */
  onCopy<T>(key: AttributeKey, shown: T, show: Render, beside?: AttributeKey): T;
}

/** @param beside value of the attribute that it is shown together with */
export type Render = (value: unknown, beside: unknown) => unknown;
