import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../../scripts/staleness.mjs';

/** A link or citation and its file. */
export interface Reference {
  /** Path in the repository. */
  readonly file: string;
  readonly target: string;
}

/** Folders whose files are not written by hand or belong to other projects. */
const IGNORED = /^(node_modules|dist|\.git|\.cache|coverage|benchmarks\/peers\/.*node_modules)$/;

/** Returns the files of the repository with one of the extensions, as paths relative to its root. */
export function sourceFiles(extensions: RegExp, folder: string = root): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const name = relative(root, path);
    if (entry.name === 'node_modules' || IGNORED.test(name)) return [];
    if (entry.isDirectory()) return sourceFiles(extensions, path);
    return extensions.test(entry.name) ? [name] : [];
  });
}

export function readText(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Returns the targets of the links and images of a Markdown page, code excluded. */
export function markdownLinks(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '`');
  const inline = prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g);
  const definitions = prose.matchAll(/^\[[^\]]+\]: (\S+)/gm);
  const html = prose.matchAll(/<(?:img|a)\b[^>]*\b(?:src|href)="([^"]+)"/g);
  return [...inline, ...definitions, ...html].map(([, target]) => target as string);
}

/** Returns the anchors of a page: the slugs of its headings as GitHub makes them, and explicit ids. */
function anchors(markdown: string): ReadonlySet<string> {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '');
  const headings = Array.from(prose.matchAll(/^#{1,6} (.+)$/gm), ([, text]) =>
    slug(text as string),
  );
  const seen = new Map<string, number>();
  const unique = headings.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
  const ids = Array.from(prose.matchAll(/<a id="([^"]+)">/g), ([, id]) => id as string);
  return new Set([...unique, ...ids]);
}

function slug(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** Returns why a relative link is broken; `undefined` when its file and anchor exist. */
export function brokenLink({ file, target }: Reference): string | undefined {
  const [path = '', anchor] = target.split('#');
  const absolute = path === '' ? join(root, file) : join(root, dirname(file), decodeURI(path));
  if (!existsSync(absolute)) return `${file}: no file ${target}`;
  if (anchor === undefined) return undefined;
  const page = statSync(absolute).isDirectory() ? join(absolute, 'README.md') : absolute;
  if (!page.endsWith('.md')) return undefined;
  return anchors(readFileSync(page, 'utf8')).has(anchor)
    ? undefined
    : `${file}: no heading for ${target}`;
}

/** Returns the comments of a source file, each line break replaced by a space. */
export function comments(source: string): string {
  const blocks = source.matchAll(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*(?:\n\s*\/\/.*)*/g);
  return Array.from(blocks, ([text]) => text.replaceAll(/\n\s*(?:\*|\/\/)? ?/g, ' ')).join('\n');
}

/** Returns the numbers of the sections of a page, e.g. `4.4` of the heading `### 4.4 Stack parsing`. */
export function sectionNumbers(markdown: string): ReadonlySet<string> {
  const numbers = markdown.matchAll(/^#{2,6} (\d+(?:\.\d+)*[a-z]?)\.? /gm);
  return new Set(Array.from(numbers, ([, number]) => number as string));
}
