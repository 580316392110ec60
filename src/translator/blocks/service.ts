import type { ResourceText } from '../context/resource.ts';
import type { ServiceBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import type { SpanAttributes } from '../span.ts';
import { textOf, truncate } from '../values/text.ts';

/**
 * Returns the `service` block of a segment: version and runtime of the app
 * (docs/spec/translation.md section 7, B-41).
 */
export function serviceBlock(
  attributes: SpanAttributes,
  text: ResourceText,
): ServiceBlock | undefined {
  const tags = attributes['container.image.tags'];
  const version =
    text('service.version') ??
    textOf(Array.isArray(tags) ? tags[0] : undefined) ??
    text('container.image.tag');
  const runtime = text('process.runtime.name');
  const runtimeVersion = text('process.runtime.version');
  if (version === undefined && runtime === undefined && runtimeVersion === undefined) {
    return undefined;
  }
  return {
    version: short(version),
    runtime: runtime === 'nodejs' ? 'node' : short(runtime),
    runtime_version: short(runtimeVersion),
  };
}

function short(value: string | undefined): string | undefined {
  return value === undefined ? undefined : truncate(value, LIMITS.short);
}
