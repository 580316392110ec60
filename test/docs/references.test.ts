import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import {
  brokenLink,
  comments,
  markdownLinks,
  readText,
  sectionNumbers,
  sourceFiles,
} from '../support/references.ts';

const PAGES = sourceFiles(/\.md$/);
const SOURCES = sourceFiles(/\.(ts|mts|cts|mjs|cjs)$/).filter(
  (file) => !file.startsWith('test/support/references'),
);
/** Text that may cite rules: comments of sources, and whole pages outside the rules themselves. */
const CITING = [
  ...SOURCES.map((file) => ({ file, text: comments(readText(file)) })),
  ...PAGES.filter((file) => !file.startsWith('docs/spec/')).map((file) => ({
    file,
    text: readText(file).replaceAll('\n', ' '),
  })),
];
/** What follows the file name: a list of section numbers joined by `,`, `and` or `to`. */
const SECTIONS = /^,?(?: end of)? sections? ((?:\d+(?:\.\d+)*[a-z]?(?:,? and |, | to )?)+)/;
const RULES = sourceFiles(/\.md$/, join(root, 'docs/spec'));
const ruleIds = new Set(
  RULES.flatMap((file) => Array.from(readText(file).matchAll(/<a id="([a-z0-9.-]+)">/g))).map(
    ([, id]) => (id as string).toUpperCase(),
  ),
);

function isRelative(target: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(target);
}

test('every relative link leads to a file and a heading', () => {
  const links = PAGES.flatMap((file) =>
    markdownLinks(readText(file))
      .filter(isRelative)
      .map((target) => ({ file, target })),
  );
  expect(links.length).toBeGreaterThan(50);
  expect(links.map(brokenLink).filter((problem) => problem !== undefined)).toEqual([]);
});

test('every page that a comment names exists', () => {
  const broken = CITING.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/(?<![\w/.-])docs\/[\w/-]+\.(?:md|json)\b/g), ([path]) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${file}: no file ${path}`),
  );
  expect(broken).toEqual([]);
});

test('a message names a page of the documentation by its address', () => {
  const code = SOURCES.filter((file) => file.startsWith('src/')).map((file) => ({
    file,
    // Descriptions of settings are part of a page.
    text: file.startsWith('src/config/settings/') ? '' : withoutComments(readText(file)),
  }));
  const paths = code.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/['"`(\s]docs\/[\w-]+\.md/g), ([path]) => `${file}: ${path.slice(1)}`),
  );
  expect(paths).toEqual([]);
  const pages = code.flatMap(({ text }) =>
    Array.from(text.matchAll(/docsUrl\('([\w-]+)'\)/g), ([, page]) => `docs/${page}.md`),
  );
  expect(pages.length).toBeGreaterThan(3);
  expect(pages.filter((page) => !existsSync(join(root, page)))).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

test('every cited section exists', () => {
  const cited = CITING.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/docs\/spec\/[\w-]+\.md/g), ({ 0: page, index }) => {
      const numbers = SECTIONS.exec(text.slice(index + page.length))?.[1] ?? '';
      return Array.from(numbers.matchAll(/\d+(?:\.\d+)*[a-z]?/g), ([number]) => ({
        file,
        page,
        number,
      }));
    }).flat(),
  );
  expect(cited.length).toBeGreaterThan(50);
  expect(cited.filter(({ page, number }) => !sectionNumbers(readText(page)).has(number))).toEqual(
    [],
  );
});

test('a section is cited together with its file', () => {
  const bare = CITING.filter(({ file }) => !file.endsWith('.md')).flatMap(({ file, text }) =>
    Array.from(text.matchAll(/(.{0,80})\bsections? \d/g))
      .filter(
        ([, before = '']) => !/(\.md,?(?: end of)?|RFC \d+,?|\bspecification,?) $/.test(before),
      )
      .map(([match]) => `${file}: ${match}`),
  );
  expect(bare).toEqual([]);
});

test('every rule id is an anchor of the rules', () => {
  expect(ruleIds.size).toBeGreaterThan(60);
  const unknown = CITING.flatMap(({ file, text }) =>
    Array.from(text.matchAll(/\b(?:R\d+\.\d+|B-\d\d)\b/g), ([id]) => id)
      .filter((id) => !ruleIds.has(id))
      .map((id) => `${file}: no rule ${id}`),
  );
  expect(unknown).toEqual([]);
});
