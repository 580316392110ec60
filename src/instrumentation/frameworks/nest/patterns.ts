import { withoutIds } from '../../messaging/subject-template.ts';

/**
 * Returns the pattern of a message as a name: `orders.:id.paid` for `orders.7.paid`, `cmd:sum` for
 * `{ cmd: 'sum' }`.
 *
 * @param pattern as the app wrote it, or as Nest writes it: an object as JSON
 */
export function patternName(pattern: unknown): string {
  const value = typeof pattern === 'string' && pattern.startsWith('{') ? parsed(pattern) : pattern;
  if (typeof value !== 'object' || value === null) return withoutIds(String(value), '.');
  return Object.entries(value)
    .map(([key, part]) => `${key}:${typeof part === 'object' ? patternName(part) : part}`)
    .sort()
    .join(' ');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
