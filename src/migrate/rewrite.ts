import type { Edit, ScannedFile } from './scan.ts';

/**
 * Makes the plain deletions of a file: calls without an effect, wrappers around clients, and the
 * statements that load a package of which nothing is left.
 */
export function rewritten(text: string, { calls, imports }: ScannedFile): string {
  const edits = [...calls.flatMap(({ edit }) => (edit === undefined ? [] : [edit])), ...imports];
  return outermost(edits)
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: put }) => {
      return result.slice(0, start) + put + result.slice(end);
    }, text);
}

/**
 * Returns the edits that lie inside no other: of a wrapper in a statement that goes, nothing is
 * left.
 */
function outermost(edits: readonly Edit[]): Edit[] {
  return edits.filter(
    (edit) =>
      !edits.some((other) => other !== edit && other.start <= edit.start && edit.end <= other.end),
  );
}
