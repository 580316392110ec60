/**
 * Writes `src/instrumentation/table.ts`, which maps packages to instrumentations, and the table with
 * supported versions in `docs/instrumentations.md`. Run `npm run instrumentation-table` after you
 * update an instrumentation.
 *
 * The script constructs each instrumentation in disabled state and reads its module definitions, so
 * that the table matches the installed versions.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHANNEL_SETS } from '../src/instrumentation/channels/sets.ts';
import { definitionsOf, widenRanges } from '../src/instrumentation/loading/ranges.ts';
import { OFF_BY_DEFAULT } from '../src/instrumentation/off-by-default.ts';
import { OUTSIDE_TABLE } from '../src/instrumentation/outside-table.ts';
import { OWN_INSTRUMENTATIONS, type Row } from './own-instrumentations.ts';

const root = join(import.meta.dirname, '..');
const require = createRequire(join(root, 'package.json'));
export const TABLE_FILE: string = join(root, 'src/instrumentation/table.ts');
export const DOCS_FILE: string = join(root, 'docs/instrumentations.md');
const TABLE_START = '<!-- table: npm run instrumentation-table -->';
const TABLE_END = '<!-- end of table -->';

/** Not loaded with a package; see `builtins.ts`, `fetch.ts` and `src/lambda`. */
const NOT_BY_PACKAGE = new Set(['http', 'undici', 'aws-lambda']);
/** Produce metrics, not spans. */
const METRICS_ONLY = new Set(['host-metrics', 'runtime-node']);
/** Of which otel-xray has one of its own. */
const REPLACED = new Set(['openai']);
/** Builtin modules whose spans are noise in a trace and whose patches are expensive. */
const BUILTIN_NOISE = new Set(['dns', 'fs', 'net']);
/** Composite instrumentations whose own list of modules is empty. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  fastify: ['fastify'],
  redis: ['redis', '@redis/client', '@node-redis/client'],
};

/** Text of the package column for instrumentations without a package. */
const WITHOUT_PACKAGE: Readonly<Record<string, string>> = {
  'apollo-gateway': '`@apollo/gateway`, which creates its own spans',
  'aws-lambda': 'the handler of a Lambda function',
  dns: 'Node’s `dns`',
  fs: 'Node’s `fs`',
  h3: '`h3`, with `tracingPlugin` of `h3/tracing`',
  http: 'Node’s `http` and `https`, both sides',
  net: 'Node’s `net`',
  next: '`next`, which creates its own spans',
  nitro: 'servers built by Nitro 2 and 3, which Nuxt 4 uses',
  sqlite: 'Node’s `node:sqlite` (Node ≥ 22.15)',
  srvx: '`srvx`, with `tracingPlugin` of `srvx/tracing`',
  sveltekit: 'servers built by SvelteKit 2 and 3',
  angular: 'servers built by Angular (`@angular/ssr`)',
  astro: 'servers built by Astro',
  'qwik-city': 'servers built by Qwik City',
  'solid-start': 'servers built by SolidStart',
  'tanstack-start': 'servers built by TanStack Start',
  undici: '`fetch` and `undici`',
  vike: '`vike`',
  waku: 'servers built by Waku',
};
const BUILT_IN: readonly Row[] = [
  ...OUTSIDE_TABLE.map((name) => ({
    ...{ name, from: '', export: '', modules: [], versions: [], below: {} },
  })),
];

/** From version 4 on, `redis` is a wrapper; its `@redis/client` is traced. */
const MADE_OF_OTHERS = new Set(['redis']);

/** Supported versions of instrumentations whose definitions do not state them. */
const VERSIONS_BY_HAND: Readonly<Record<string, readonly string[]>> = {
  fastify: ['>=4 <6'],
  'aws-sdk': ['^3.1.0'],
  // See `src/instrumentation/frameworks/nest/nest.ts`.
  'nestjs-core': ['>=4 <13'],
  redis: ['>=2.6.0 <7'],
};

interface Definition {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly files: readonly { readonly supportedVersions: readonly string[] }[];
}

interface Constructed {
  readonly _modules?: readonly Definition[];
}

function tableRows(): readonly Row[] {
  const scope = join(root, 'node_modules/@opentelemetry');
  const packages = readdirSync(scope)
    .filter((folder) => folder.startsWith('instrumentation-'))
    .map((folder) => ({
      name: folder.slice('instrumentation-'.length),
      from: `@opentelemetry/${folder}`,
    }))
    .filter(({ name }) => !METRICS_ONLY.has(name) && !REPLACED.has(name));
  const rows = [...packages, { name: 'fastify', from: '@fastify/otel' }].map(row);
  return [...rows, ...OWN_INSTRUMENTATIONS].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function row({ name, from }: { readonly name: string; readonly from: string }): Row {
  const exported = Object.entries(require(from) as Record<string, unknown>);
  const found = exported.find(([key, value]) => isInstrumentation(key, value));
  if (found === undefined) throw new Error(`${from} exports no instrumentation`);
  const Class = found[1] as new (config: { enabled: boolean }) => Constructed;
  const made = new Class({ enabled: false });
  widenRanges(name, made);
  const definitions = made._modules ?? [];
  const modules = BY_HAND[name] ?? [...new Set(definitions.map((definition) => definition.name))];
  const byPackage = !NOT_BY_PACKAGE.has(name) && !BUILTIN_NOISE.has(name);
  if (byPackage && modules.length === 0) throw new Error(`${from} names no package`);
  return {
    name,
    from,
    export: found[0],
    modules: byPackage ? modules : [],
    versions: VERSIONS_BY_HAND[name] ?? supportedVersions(definitions),
    below: byPackage ? firstUnknown(name, definitionsOf(made)) : {},
  };
}

function firstUnknown(
  name: string,
  definitions: readonly Definition[],
): Readonly<Record<string, string>> {
  const packages = [...new Set(definitions.map((definition) => definition.name))];
  const [first, ...others] = BY_HAND[name] ?? [];
  const [only = first] = packages;
  const isOne = packages.length <= 1 && others.length === 0;
  if (isOne && only !== undefined && (packages.length === 0 || VERSIONS_BY_HAND[name])) {
    return endOf({ [only]: VERSIONS_BY_HAND[name] ?? [] });
  }
  const ranges = packages
    .filter((packageName) => !MADE_OF_OTHERS.has(packageName) && !hasChannels(packageName))
    .map((packageName) => [
      packageName,
      supportedVersions(definitions.filter((definition) => definition.name === packageName)),
    ]);
  return endOf(Object.fromEntries(ranges));
}

/** Returns whether all later versions of a package are traced by what they publish. */
function hasChannels(packageName: string): boolean {
  return CHANNEL_SETS.some((set) => set.packageName === packageName && !set.onlyBundled);
}

function endOf(
  ranges: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const ends = Object.entries(ranges).map(([name, all]) => [name, all.map(endOfRange)] as const);
  return Object.fromEntries(
    ends
      .filter(([, all]) => all.length > 0 && !all.includes(undefined))
      .map(([name, all]) => [name, (all as string[]).sort(byNumber).at(-1) as string]),
  );
}

/** Returns the upper end of a range: `8` for `>=4 <8`, `^7.1.0` and `7`; `undefined` if it is open. */
function endOfRange(range: string): string | undefined {
  const end = /<\s*(\d[\d.]*)/.exec(range)?.[1];
  const major = /^\^?(\d+)(?:\.\d+)*$/.exec(range)?.[1];
  return end ?? (major === undefined ? undefined : String(Number(major) + 1));
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function supportedVersions(definitions: readonly Definition[]): readonly string[] {
  const ranges = definitions.flatMap(({ supportedVersions: own, files }) => [
    ...own,
    ...files.flatMap((file) => file.supportedVersions),
  ]);
  return [...new Set(ranges)].filter((range) => range !== '*').sort();
}

function isInstrumentation(key: string, value: unknown): boolean {
  return /Instrumentation$/.test(key) && typeof value === 'function';
}

export function tableSource(rows: readonly Row[] = tableRows()): string {
  const lines = rows.map(
    ({ name, from, export: exported, modules, below }) =>
      `  { name: '${name}', from: '${from}', export: '${exported}', modules: [${modules.map((module) => `'${module}'`).join(', ')}], below: ${recordSource(below)} },`,
  );
  return `// Generated by scripts/instrumentation-table.ts from the installed versions. Do not edit.

export interface InstrumentationRow {
  /** Name in \`OTEL_NODE_ENABLED_INSTRUMENTATIONS\`, and of the chunk in \`dist\`. */
  readonly name: string;
  /** npm package or file that contains it, and the name of its class there. */
  readonly from: string;
  readonly export: string;
  /** Packages that trigger its load; empty for instrumentations that are started another way. */
  readonly modules: readonly string[];
  /** For each package, the first version that is no longer supported, if there is one. */
  readonly below: Readonly<Record<string, string>>;
}

// biome-ignore format: one row a line
export const INSTRUMENTATIONS: readonly InstrumentationRow[] = [
${lines.join('\n')}
];
`;
}

function recordSource(record: Readonly<Record<string, string>>): string {
  const entries = Object.entries(record).map(([key, value]) => {
    return `${/^[a-z]\w*$/i.test(key) ? key : `'${key}'`}: '${value}'`;
  });
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

export function docsSource(rows: readonly Row[] = tableRows()): string {
  const all = [...rows, ...BUILT_IN].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const lines = all.map(({ name, modules, versions }) => {
    const served =
      modules.length === 0 ? (WITHOUT_PACKAGE[name] ?? '') : modules.map(code).join(', ');
    const off = OFF_BY_DEFAULT.includes(name) ? 'off' : 'on';
    return `| ${code(name)} | ${served} | ${versionsText(name, versions)} | ${off} |`;
  });
  const text = readFileSync(DOCS_FILE, 'utf8');
  const [before] = text.split(TABLE_START) as [string];
  const after = text.slice(text.indexOf(TABLE_END));
  return `${before}${TABLE_START}\n\n| name | packages | versions | default |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n\n${after}`;
}

/**
 * Returns the supported ranges, and from which version on a library is traced by its tracing
 * channels.
 */
function versionsText(name: string, versions: readonly string[]): string {
  const ranges = versions.map(code);
  const set = CHANNEL_SETS.find((other) => other.name === name);
  if (set !== undefined) {
    const since = code(`>=${set.since.replace(/(?:\.0)+$/, '')}`);
    ranges.push(`${since} by channels${set.onlyBundled ? ' if bundled' : ''}`);
  }
  return ranges.join(', ');
}

const code = (text: string): string => `\`${text}\``;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, source] of [
    [TABLE_FILE, tableSource()],
    [DOCS_FILE, docsSource()],
  ] as const) {
    if (source !== readFileSync(file, { encoding: 'utf8', flag: 'a+' }))
      writeFileSync(file, source);
  }
}
