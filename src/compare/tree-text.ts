import type { Tree } from './trace-tree.ts';

/** Parts of a URL that name one thing of many: numbers, hexadecimal ids, UUIDs. */
const ID = /(?<=\/)(?:\d+|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*)(?=[/?#]|$)/gi;

/** Returns a tree as indented lines, one for each segment, subsegment and recorded fact. */
export function treeLines(tree: Tree, depth: number = 0): readonly string[] {
  const { name, children = [], ...facts } = tree;
  const indent = '  '.repeat(depth);
  return [
    indent + name,
    ...Object.entries(facts).flatMap(([fact, value]) => factLines(`${indent}  `, fact, value)),
    ...children.flatMap((child) => treeLines(child, depth + 1)),
  ];
}

function factLines(indent: string, fact: string, value: unknown): readonly string[] {
  if (value === true) return [`${indent}· ${fact}`];
  if (typeof value !== 'object' || value === null) return [`${indent}· ${fact} = ${masked(value)}`];
  return Object.entries(value)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, each]) => `${indent}· ${fact}.${key} = ${masked(each)}`);
}

function masked(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(ID, '#');
}

/** Returns what the traces of one kind have in common: name, method and URL of the root. */
export function treeKey({ name, http }: Tree): string {
  const { method = '', url = '' } = (http ?? {}) as { method?: string; url?: string };
  return [name, method, masked(url)].filter((part) => part !== '').join(' ');
}
