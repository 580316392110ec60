import type { SegmentDocument } from '../../src/translator/document.ts';

/** Additional text for a document besides name, type and status; `undefined` is omitted. */
export type Words = (document: SegmentDocument) => readonly (string | undefined)[];

/** Returns documents as an indented list, parents first, siblings by start time. */
export function outline(documents: readonly SegmentDocument[], words: Words = urlOf): string[] {
  const ids = new Set(documents.map(({ id }) => id));
  const lines = (parent: string | undefined, depth: number): string[] =>
    documents
      .filter(({ parent_id: id }) => (parent === undefined ? !ids.has(id ?? '') : id === parent))
      .sort((a, b) => a.start_time - b.start_time)
      .flatMap((document) => {
        const { name, type = 'segment', http } = document;
        const all = [name.replace(/ - .*| \/.*/, ''), type, http?.response?.status];
        const line = [...all, ...words(document)].filter((word) => word !== undefined).join(' ');
        return ['  '.repeat(depth) + line, ...lines(document.id, depth + 1)];
      });
  return lines(undefined, 0);
}

/** Returns the URL without port. */
function urlOf({ http }: SegmentDocument): readonly (string | undefined)[] {
  return [http?.request?.url?.replace(/:\d+/, '')];
}
