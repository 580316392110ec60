import type { Declaration } from './declarations.ts';

/** The declarations of one entry of the package. */
export interface Entry {
  /** As it is imported. */
  readonly name: string;
  readonly about: string;
  readonly declarations: readonly Declaration[];
}

const TITLES: readonly (readonly [kinds: readonly Declaration['kind'][], title: string])[] = [
  [['function', 'const'], 'Functions'],
  [['class'], 'Classes'],
  [['type'], 'Types'],
];

/** The reference as a page of Markdown. */
export function referencePage(entries: readonly Entry[]): string {
  const known = new Set(
    entries.flatMap(({ declarations }) => declarations.map(({ name }) => name)),
  );
  const parts = entries.flatMap(({ name, about, declarations }) => [
    `# \`${name}\`\n\n${about}`,
    ...TITLES.flatMap(([kinds, title]) => {
      const group = declarations
        .filter(({ kind }) => kinds.includes(kind))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return group.length === 0
        ? []
        : [`## ${title}`, ...group.map((declaration) => section(declaration, known))];
    }),
  ]);
  return `${['<!-- Written by npm run api-reference from the declarations; not by hand. -->', ...parts].join('\n\n')}\n`;
}

function section({ name, comment, code }: Declaration, known: ReadonlySet<string>): string {
  const [about = '', ...tags] = comment.split(/^@/m);
  const described = tags.map((tag) => {
    const [, word = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [];
    return { word, text: rest.trim() };
  });
  const listed = (word: string): readonly string[] =>
    described.filter((tag) => tag.word === word).map(({ text }) => text);
  const parts = [
    `### ${name}`,
    links(about.trim(), known),
    `\`\`\`ts\n${code}\n\`\`\``,
    bullets(listed('param').map(parameter), known),
    bullets(
      listed('returns').map((text) => `Returns ${text}`),
      known,
    ),
    bullets(
      listed('throws').map((text) => `Throws ${text.replace(/^\{(\w+)\}/, '`$1`')}`),
      known,
    ),
    ...listed('example').map((text) => `\`\`\`ts\n${text.replaceAll('\\@', '@')}\n\`\`\``),
    bullets(
      listed('see').map((text) => `See ${text}`),
      known,
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function parameter(text: string): string {
  const [, name = '', about = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  return `\`${name}\`: ${about}`;
}

function bullets(items: readonly string[], known: ReadonlySet<string>): string {
  return items.map((item) => `- ${links(item.replaceAll(/\s+/g, ' '), known)}`).join('\n');
}

/** Links `{@link name}` to its section of the page, and `docs/….md` to that page. */
function links(text: string, known: ReadonlySet<string>): string {
  const paged = text.replaceAll(/(?<![\w/.-])docs\/([\w/-]+\.md)\b/g, '[docs/$1]($1)');
  return paged.replaceAll(/\{@link ([\w.]+)\}/g, (_, target: string) => {
    const name = target.split('.')[0] ?? target;
    return known.has(name) ? `[\`${target}\`](#${name.toLowerCase()})` : `\`${target}\``;
  });
}
