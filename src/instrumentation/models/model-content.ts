import type { Attributes } from '@opentelemetry/api';

/**
 * Returns a function that makes an attribute of a prompt or an answer, as JSON.
 *
 * @param isRecorded whether content is recorded; otherwise the function returns no attribute
 */
export function contentAttribute(
  isRecorded: boolean,
): (name: string, content: unknown) => Attributes {
  if (!isRecorded) return () => ({});
  return (name, content) =>
    content === undefined || content === null
      ? {}
      : { [name]: typeof content === 'string' ? content : JSON.stringify(content) };
}
