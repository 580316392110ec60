/**
 * Parses the JSON object of an attribute such as `aws.xray.metadata.*` or `aws.xray.parameters`.
 *
 * @returns `undefined` for an empty object and any other value
 */
export function jsonObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined;
  try {
    const object: unknown = JSON.parse(value);
    return typeof object === 'object' && object !== null && Object.keys(object).length > 0
      ? (object as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
