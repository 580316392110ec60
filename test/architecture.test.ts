import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/staleness.mjs';

/** Every file at the top level that is not named in a layer. */
const SHARED = 'shared files';

/**
 * The layers of `src`, from the entry points down. A file imports only from lower layers and from
 * its own name; names that share a layer do not know each other.
 *
 * @see docs/architecture.md
 */
const LAYERS: readonly (readonly string[])[] = [
  ['index.ts', 'register.ts', 'testing.ts', 'lambda.ts', 'xray-sdk.ts', 'cli.ts'],
  ['esbuild.ts', 'webpack.ts', 'rspack.ts', 'rollup.ts', 'rolldown.ts', 'vite.ts'],
  ['bundler'],
  ['commands'],
  ['doctor', 'compare', 'migrate'],
  ['xray-sdk'],
  ['start.ts'],
  ['start'],
  ['config.ts', 'provider.ts', 'local', 'process', 'logger.ts'],
  ['provider-extras.ts', 'config-file', 'otlp'],
  ['config'],
  ['late-settings.ts'],
  ['instrumentation/index.ts', 'lambda'],
  ['instrumentation/configs.ts', 'instrumentation/channels', 'instrumentation/known-versions.ts'],
  ['instrumentation/aws', 'instrumentation/graphql'],
  ['instrumentation/frameworks'],
  ['instrumentation/messaging', 'instrumentation/models'],
  ['instrumentation/databases', 'instrumentation/http', 'instrumentation/jobs'],
  ['instrumentation/loading'],
  ['instrumentation/spans'],
  ['instrumentation/wrap'],
  [
    'instrumentation/off-by-default.ts',
    'instrumentation/outside-table.ts',
    'instrumentation/table.ts',
    'instrumentation/upstream.d.ts',
  ],
  ['logs', 'api.ts'],
  ['api'],
  ['resource', 'exporter/processor.ts'],
  ['exporter/index.ts'],
  ['exporter/options.ts', 'attribute-values.ts'],
  ['exporter/transport'],
  ['xray-api'],
  ['sampler', 'exporter/batch'],
  ['propagation', 'exporter/template-cache'],
  ['exporter/encode'],
  [
    'exporter/counters.ts',
    'exporter/in-progress.ts',
    'exporter/limits.ts',
    'exporter/open-traces.ts',
    'exporter/pending-resource.ts',
  ],
  ['translator/index.ts'],
  ['translator/split.ts'],
  ['translator/blocks'],
  ['translator/context'],
  ['translator/partial-document.ts'],
  ['translator/values'],
  ['translator/document.ts', 'translator/span.ts', 'translator/limits.ts'],
  [SHARED],
];

/** What these may import besides themselves. */
const ISOLATED: Readonly<Record<string, readonly string[]>> = {
  exporter: ['translator', 'xray-api', SHARED],
  sampler: ['propagation', SHARED],
  translator: [SHARED],
};

/** The SDK. Everything else takes it as `import type`, so that SDK 2.x and 3.x both fit. */
const SDK = /^@opentelemetry\/(?:sdk-|resources|context-async-hooks|core$)/;
const MAY_LOAD_SDK = [
  'provider.ts',
  'provider-extras.ts',
  // Helpers that the instrumentation packages bring with them: RPC metadata, suppressed tracing.
  'instrumentation/',
];

interface Import {
  readonly from: string;
  /** Path below `src`, or a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const SRC = join(root, 'src');
const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC = /(typeof )?\bimport\('([^']+)'\)/g;

function sources(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => file.split(sep).join('/'));
}

function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(SRC, from), 'utf8');
  return [...text.matchAll(STATEMENT), ...text.matchAll(DYNAMIC)].map(
    ([, type, specifier = '']) => ({
      from,
      to: specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier,
      isTypeOnly: type !== undefined,
    }),
  );
}

const FILES = sources();
const IMPORTS = FILES.flatMap(importsOf);
const INTERNAL = IMPORTS.filter(({ to }) => /\.tsx?$/.test(to));

/** The name in {@link LAYERS} that a file belongs to. */
function nameOf(file: string): string | undefined {
  const named = LAYERS.flat().find((name) => isWithin(file, name));
  return named ?? (file.includes('/') ? undefined : SHARED);
}

function layerOf(name: string | undefined): number {
  return LAYERS.findIndex((names) => name !== undefined && names.includes(name));
}

function isWithin(file: string, name: string): boolean {
  return file === name || file.startsWith(`${name}/`);
}

function shown(imports: readonly Import[]): readonly string[] {
  return imports.map(({ from, to }) => `${from} → ${to}`);
}

test('the scan sees imports of every form', () => {
  expect(IMPORTS.length).toBeGreaterThan(FILES.length);
  expect(INTERNAL.filter(({ to }) => !FILES.includes(to))).toEqual([]);
});

test('every source file belongs to a layer', () => {
  expect(FILES.filter((file) => nameOf(file) === undefined)).toEqual([]);
});

test('no import points up or sideways', () => {
  const wrong = INTERNAL.filter(({ from, to }) => {
    const [importer, imported] = [nameOf(from), nameOf(to)];
    return importer !== imported && layerOf(imported) <= layerOf(importer);
  });
  expect(shown(wrong)).toEqual([]);
});

test.for(Object.entries(ISOLATED))('%s imports nothing but its parts and %j', ([name, allowed]) => {
  const wrong = INTERNAL.filter(
    ({ from, to }) =>
      isWithin(from, name) &&
      ![name, ...allowed].some((other) => isWithin(to, other) || nameOf(to) === other),
  );
  expect(shown(wrong)).toEqual([]);
});

test('only the exporter itself imports the template cache', () => {
  const importers = INTERNAL.filter(
    ({ from, to }) =>
      isWithin(to, 'exporter/template-cache') && !isWithin(from, 'exporter/template-cache'),
  );
  expect(importers.map(({ from }) => from)).toEqual(['exporter/index.ts']);
});

test('no file imports itself through others', () => {
  const edges = new Map(
    FILES.map((file) => [file, INTERNAL.filter(({ from }) => from === file).map(({ to }) => to)]),
  );
  const reachable = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const to of edges.get(file) ?? []) if (!seen.has(to)) reachable(to, seen.add(to));
    return seen;
  };
  expect([...edges.keys()].filter((file) => reachable(file).has(file))).toEqual([]);
});

test('the SDK is loaded by the provider only', () => {
  const wrong = IMPORTS.filter(
    ({ from, to, isTypeOnly }) =>
      SDK.test(to) && !isTypeOnly && !MAY_LOAD_SDK.some((name) => from.startsWith(name)),
  );
  expect(shown(wrong)).toEqual([]);
});
