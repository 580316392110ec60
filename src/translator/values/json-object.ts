/**
 * An object with something in it, as the attributes `aws.xray.metadata.*` and `aws.xray.parameters`
 * carry it.
 *
 * @returns `undefined` for any other value
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
