import type { SegmentDocument } from '../translator/document.ts';
import { type DiffLine, lineDiff } from './line-diff.ts';
import { traceTrees } from './trace-tree.ts';
import { treeKey, treeLines } from './tree-text.ts';

/** Traces of one kind in two recordings. */
export interface ComparedKind {
  /** Name, method and URL of the root. */
  readonly key: string;
  readonly state: 'equal' | 'different' | 'only old' | 'only new';
  /** The two trees as one, when they are different. */
  readonly lines: readonly DiffLine[];
}

/**
 * Compares the traces of two recordings by what a reader sees: names, parents, annotations, metadata,
 * flags, `http`, `sql` and `aws` fields, errors.
 *
 * Traces of one kind may differ among themselves (a cache hit and a miss). Two kinds are equal when
 * one has each of the trees that the other has; else the most frequent trees are compared.
 */
export function compareTraces(
  before: readonly SegmentDocument[],
  after: readonly SegmentDocument[],
): readonly ComparedKind[] {
  const [old, recent] = [kindsOf(before), kindsOf(after)];
  const keys = [...new Set([...old.keys(), ...recent.keys()])].sort();
  return keys.map((key) => compareKind(key, old.get(key), recent.get(key)));
}

/** Each different tree of a kind, as text, and how often it is there. */
type Variants = ReadonlyMap<string, number>;

function kindsOf(documents: readonly SegmentDocument[]): ReadonlyMap<string, Variants> {
  const kinds = new Map<string, Map<string, number>>();
  for (const tree of traceTrees(documents)) {
    const key = treeKey(tree);
    const variants = kinds.get(key) ?? new Map<string, number>();
    const text = treeLines(tree).join('\n');
    kinds.set(key, variants.set(text, (variants.get(text) ?? 0) + 1));
  }
  return kinds;
}

function compareKind(
  key: string,
  old: Variants | undefined,
  recent: Variants | undefined,
): ComparedKind {
  if (old === undefined || recent === undefined) {
    return { key, state: old === undefined ? 'only new' : 'only old', lines: [] };
  }
  const isEqual = old.size === recent.size && [...old.keys()].every((text) => recent.has(text));
  if (isEqual) return { key, state: 'equal', lines: [] };
  const lines = lineDiff(mostFrequent(old).split('\n'), mostFrequent(recent).split('\n'));
  const isSame = lines.every(({ mark }) => mark === ' ');
  return { key, state: isSame ? 'equal' : 'different', lines: isSame ? [] : lines };
}

function mostFrequent(variants: Variants): string {
  const [[text] = ['']] = [...variants].sort(([, a], [, b]) => b - a);
  return text;
}
