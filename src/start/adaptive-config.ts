import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type ReadAdaptiveConfig, readAdaptiveConfig } from '../sampler/adaptive/conditions.ts';

/**
 * Reads the configuration of adaptive sampling: an object, YAML or JSON, or the path of a file.
 *
 * Text that contains a line break or starts with a brace is the configuration itself; other text is
 * a path. Never throws.
 *
 * @see docs/spec/sampling.md section 13
 */
export function adaptiveConfig(value: string | object): ReadAdaptiveConfig {
  try {
    // Without `logLevel`, the parser emits process warnings.
    const content =
      typeof value === 'string' ? parse(contentOf(value.trim()), { logLevel: 'error' }) : value;
    return readAdaptiveConfig(content);
  } catch (error) {
    const [reason] = String((error as Error).message).split('\n');
    return { config: undefined, problems: [`${reason}; the configuration is ignored`] };
  }
}

function contentOf(text: string): string {
  const isInline = text.startsWith('{') || /[\r\n]|^version:/.test(text);
  return isInline ? text : readFileSync(text, 'utf8');
}
