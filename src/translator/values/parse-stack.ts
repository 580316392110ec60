import { parseForeignStack } from './foreign-stacks.ts';
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
  if (isOfNode(language)) return parseV8Stack(text, type, message);
  return parseForeignStack(language, text, type, message) ?? parseV8Stack(text, type, message);
}

/** Returns whether no other parser is needed, which is then not loaded. */
function isOfNode(language: string): boolean {
  return language === 'nodejs' || language === '';
}
