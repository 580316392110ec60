/**
 * Writes `src/instrumentation/table.ts`: which instrumentation serves which package.
 *
 * Each instrumentation is constructed switched off and asked for its definitions, so the table
 * follows the installed versions. `npm run instrumentation-table` after a change of versions.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const require = createRequire(join(root, 'package.json'));
export const TABLE_FILE: string = join(root, 'src/instrumentation/table.ts');

/** Loaded through something else than a package: see `builtins.ts`, `fetch.ts` and `src/lambda`. */
const NOT_BY_PACKAGE = new Set(['http', 'undici', 'aws-lambda']);
/** Make metrics, not spans (DESIGN D10). */
const METRICS_ONLY = new Set(['host-metrics', 'runtime-node']);
/** Builtin modules; measured as noise in a trace, and costly to patch. */
const BUILTIN_NOISE = new Set(['dns', 'fs', 'net']);
/** Composites whose own list is empty. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  fastify: ['fastify'],
  redis: ['redis', '@redis/client', '@node-redis/client'],
};

/** Ours, for packages that have no instrumentation that works without code of the app. */
const OWN: readonly Row[] = [
  { name: 'hono', from: './hono.ts', export: 'HonoInstrumentation', modules: ['hono'] },
];

interface Constructed {
  readonly _modules?: readonly { readonly name: string }[];
}

interface Row {
  readonly name: string;
  readonly from: string;
  readonly export: string;
  readonly modules: readonly string[];
}

export function tableRows(): readonly Row[] {
  const scope = join(root, 'node_modules/@opentelemetry');
  const packages = readdirSync(scope)
    .filter((folder) => folder.startsWith('instrumentation-'))
    .map((folder) => ({
      name: folder.slice('instrumentation-'.length),
      from: `@opentelemetry/${folder}`,
    }))
    .filter(({ name }) => !METRICS_ONLY.has(name));
  const rows = [...packages, { name: 'fastify', from: '@fastify/otel' }].map(row);
  return [...rows, ...OWN].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function row({ name, from }: { readonly name: string; readonly from: string }): Row {
  const exported = Object.entries(require(from) as Record<string, unknown>);
  const found = exported.find(([key, value]) => isInstrumentation(key, value));
  if (found === undefined) throw new Error(`${from} exports no instrumentation`);
  const Class = found[1] as new (config: { enabled: boolean }) => Constructed;
  const definitions = new Class({ enabled: false })._modules ?? [];
  const modules = BY_HAND[name] ?? [...new Set(definitions.map((definition) => definition.name))];
  const byPackage = !NOT_BY_PACKAGE.has(name) && !BUILTIN_NOISE.has(name);
  if (byPackage && modules.length === 0) throw new Error(`${from} names no package`);
  return { name, from, export: found[0], modules: byPackage ? modules : [] };
}

function isInstrumentation(key: string, value: unknown): boolean {
  return /Instrumentation$/.test(key) && typeof value === 'function';
}

export function tableSource(rows: readonly Row[] = tableRows()): string {
  const lines = rows.map(
    ({ name, from, export: exported, modules }) =>
      `  { name: '${name}', from: '${from}', export: '${exported}', modules: [${modules.map((module) => `'${module}'`).join(', ')}] },`,
  );
  return `// Written by scripts/instrumentation-table.ts from the installed versions; not by hand.

export interface InstrumentationRow {
  /** As \`OTEL_NODE_ENABLED_INSTRUMENTATIONS\` names it; also the name of its chunk. */
  readonly name: string;
  /** The npm package it is compiled in from, or our file; and the name of its class there. */
  readonly from: string;
  readonly export: string;
  /** Packages that load it when they load; empty for those that are started another way. */
  readonly modules: readonly string[];
}

// biome-ignore format: one row a line
export const INSTRUMENTATIONS: readonly InstrumentationRow[] = [
${lines.join('\n')}
];
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const source = tableSource();
  if (source !== readFileSync(TABLE_FILE, { encoding: 'utf8', flag: 'a+' })) {
    writeFileSync(TABLE_FILE, source);
  }
}
