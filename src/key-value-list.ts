/**
 * Parses `key=value,key=value` with percent-encoded keys and values, the format of
 * `OTEL_RESOURCE_ATTRIBUTES` and of lists of headers.
 *
 * @throws {TypeError} for an invalid pair; OpenTelemetry drops the whole text then
 * @see https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
 */
export function parseKeyValueList(text: string): Readonly<Record<string, string>> {
  const pairs = text
    .split(',')
    .filter((item) => item.trim() !== '')
    .map((item) => {
      const at = item.indexOf('=');
      const key = item.slice(0, at).trim();
      if (at < 0 || key === '') throw new TypeError('expected key=value,key=value');
      return [decoded(key), decoded(item.slice(at + 1).trim())] as const;
    });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError('expected percent-encoded values');
  }
}
