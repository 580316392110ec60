import { FOREIGN_PARSERS } from './foreign-stacks.ts';
import type { ParsedException } from './frames.ts';
import { parseV8Stack } from './stack.ts';

/**
 * Parses a stack trace: as V8 writes it, or as the runtime of another language does.
 *
 * @param language `telemetry.sdk.language` of the resource
 */
export function parseStack(
  language: string,
  text: string,
  type: string,
  message: string,
): readonly ParsedException[] {
  const parse = Object.hasOwn(FOREIGN_PARSERS, language) ? FOREIGN_PARSERS[language] : undefined;
  return (parse ?? parseV8Stack)(text, type, message);
}
