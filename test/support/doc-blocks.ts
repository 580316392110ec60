import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/staleness.mjs';

/** A fenced code block of a page. */
export interface DocBlock {
  readonly language: string;
  /** Words after the language on the fence: `run`, `file=app.js`, `sent`, `prints`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Line of the fence, from 1. */
  readonly line: number;
}

/** The blocks below one heading, which are run together. */
export interface DocExample {
  readonly heading: string;
  readonly blocks: readonly DocBlock[];
}

/** Reads a page of the repository. */
export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Returns the marked blocks of a page by heading; blocks without marks are not run. */
export function docExamples(markdown: string): readonly DocExample[] {
  const examples: { heading: string; blocks: DocBlock[] }[] = [];
  let heading = 'top';
  let open: { language: string; marks: string[]; lines: string[]; line: number } | undefined;
  for (const [at, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line);
    if (open === undefined && fence) {
      const marks = (fence[2] ?? '').split(' ').filter((mark) => mark !== '');
      open = { language: fence[1] ?? '', marks, lines: [], line: at + 1 };
    } else if (open !== undefined && line === '```') {
      const { language, marks, lines } = open;
      const block = { language, marks, text: `${lines.join('\n')}\n`, line: open.line };
      open = undefined;
      if (marks.length === 0) continue;
      const last = examples.at(-1);
      if (last?.heading === heading) last.blocks.push(block);
      else examples.push({ heading, blocks: [block] });
    } else if (open !== undefined) open.lines.push(line);
    else if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '');
  }
  return examples;
}
