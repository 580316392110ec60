import { readFileSync, rmSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { type OutputChunk, type OutputOptions, type Plugin, rolldown } from 'rolldown';
import { CHANNEL_SETS } from '../../src/instrumentation/channels/sets.ts';
import { INSTRUMENTATIONS, type InstrumentationRow } from '../../src/instrumentation/table.ts';
import { attributeValues } from './attribute-values.ts';
import {
  CORE,
  ERRORS,
  GROUPS,
  LAZY,
  PROPAGATION,
  SDK,
  SPANS,
  WITH_ERRORS,
  WITH_PARENTS,
  WITH_SPANS,
} from './chunks.ts';
import { deferredChunk } from './deferred-chunk.ts';
import { deferredRequests, REQUESTS } from './deferred-requests.ts';
import { grouped } from './grouped.ts';
import { guardedListeners } from './guard-listeners.ts';
import { lazyEntries, lazyModules, lazyName } from './lazy-modules.ts';
import { lazyPaths } from './lazy-paths.ts';
import { ownApi, sharedApi } from './own-api.ts';
import { graphqlData } from './patch-graphql.ts';
import { patchHttp } from './patch-http.ts';
import { copiedNamespaces } from './patch-runtime.ts';
import { plainExports } from './plain-exports.ts';
import { realTime } from './real-time.ts';
import { inlineSemanticConventions } from './semantic-conventions.ts';
import { spanStart } from './span-start.ts';
import { compiledUnplugin, LOADERS } from './unplugin.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const src = (file: string): string => join(root, 'src', file);
const require = createRequire(import.meta.url);

/** Bundlers for which `otel-xray/<name>` is a plugin. */
const BUNDLERS = ['esbuild', 'webpack', 'rspack', 'rollup', 'rolldown', 'vite'] as const;

/** Entries that users import, and those that are loaded on demand. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: src('index.ts'),
  start: 'virtual:start',
  cli: src('cli.ts'),
  lambda: src('lambda.ts'),
  testing: src('testing.ts'),
  'xray-sdk': src('xray-sdk.ts'),
  ...bundlerEntries(),
  'xray-sdk-packages': src('xray-sdk/packages.ts'),
  'aws-parameters': src('instrumentation/aws/aws-parameters.ts'),
  'config-file': src('config-file/index.ts'),
  validate: src('local/validate-sent.ts'),
  'i/server-builds': src('instrumentation/frameworks/server-builds.ts'),
  'i/sqlite': src('instrumentation/databases/sqlite.ts'),
  ...Object.fromEntries(
    CHANNEL_SETS.map(({ name }) => [
      `i/channels-${name}`,
      src(`instrumentation/channels/${name}.ts`),
    ]),
  ),
  'iitm/create': 'virtual:iitm/create',
  'iitm/register': 'virtual:iitm/register',
};

/** Returns the plugins for bundlers, and what webpack and rspack load for them. */
function bundlerEntries(): Readonly<Record<string, string>> {
  const plugins = BUNDLERS.map((name) => [name, src(`${name}.ts`)]);
  const loaders = Object.entries(LOADERS).map(([name, id]) => [name, require.resolve(id)]);
  return Object.fromEntries([...plugins, ...loaders]);
}

/** The index of the SDK imports them; only `provider-extras.ts` needs them. */
const RARE =
  /@opentelemetry[\\/]sdk-trace[\\/]build[\\/]esm[\\/].*(?:BatchSpanProcessor|SpanProcessorMetrics|SpanExporter)\w*\.js$/;

/** Entries that an app imports by name: without the peer dependency, they throw an error that says what to install. */
const NEEDS_PEER: ReadonlySet<string> = new Set([
  'index',
  'lambda',
  'testing',
  'xray-sdk',
  ...BUNDLERS,
]);

/** @param apiKey name of the global symbol under which `register` provides its copy, as a literal */
function peerFirst(apiKey: string): string {
  return `if (globalThis[Symbol.for(${apiKey})] === undefined) {
  try {
    require('@opentelemetry/api');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw Object.assign(
      new Error('otel-xray needs @opentelemetry/api, which is not installed; run: npm install @opentelemetry/api'),
      { code: error.code },
    );
  }
}
`;
}

/** A chunk that is both an entry and a group would keep a getter for each export. */
function virtualLazy(file: string): string {
  return `virtual:${lazyName(file)}`;
}

/** Files of ours that take an upstream instrumentation and change it. */
const REFINED: Readonly<Record<string, string>> = {
  'aws-sdk': 'aws/aws-sdk.ts',
  connect: 'frameworks/connect.ts',
  express: 'frameworks/express.ts',
  fastify: 'frameworks/fastify.ts',
  graphql: 'graphql/graphql.ts',
  grpc: 'messaging/grpc.ts',
  hapi: 'frameworks/hapi.ts',
  ioredis: 'databases/ioredis.ts',
  knex: 'databases/knex.ts',
  koa: 'frameworks/koa.ts',
  mongodb: 'databases/mongodb.ts',
  mongoose: 'databases/mongoose.ts',
  mysql: 'databases/mysql.ts',
  mysql2: 'databases/mysql2.ts',
  'nestjs-core': 'frameworks/nest/nest.ts',
  oracledb: 'databases/oracledb.ts',
  pg: 'databases/pg.ts',
  redis: 'databases/redis.ts',
  restify: 'frameworks/restify.ts',
};

const IITM = join(root, 'node_modules/import-in-the-middle');

/** Entries that only re-export. */
const VIRTUAL: ReadonlyMap<string, string> = new Map([
  ['virtual:start', reexport('start', src('start.ts'))],
  ...LAZY.map((file) => [virtualLazy(file), `export * from ${JSON.stringify(file)};`] as const),
  ['virtual:iitm/create', reexport('createHook', join(IITM, 'create-hook.mjs'))],
  ['virtual:iitm/register', constants(['importHooks', 'ModuleBinder', 'register'])],
  ...INSTRUMENTATIONS.map(
    (row) => [`virtual:i/${row.name}`, reexport(`${row.export} as I`, sourceOf(row))] as const,
  ),
]);

function reexport(names: string, from: string): string {
  return `export { ${names} } from ${JSON.stringify(from)};`;
}

/**
 * ES modules import these by name. Older versions of Node detect a CommonJS export that is assigned,
 * but not the getter that a re-export becomes.
 */
function constants(names: readonly string[]): string {
  const from = JSON.stringify(join(IITM, 'lib/register.js'));
  return `import all from ${from};\n${names.map((name) => `export const ${name} = all.${name};`).join('\n')}`;
}

/** Returns a row's package, or a file of ours. */
function sourceOf({ name, from }: InstrumentationRow): string {
  const refined = REFINED[name];
  if (refined !== undefined) return src(`instrumentation/${refined}`);
  return from.startsWith('./') ? src(`instrumentation/${from}`) : join(root, 'node_modules', from);
}

/** Everything else is compiled in. */
const EXTERNAL = [
  '@opentelemetry/winston-transport',
  'supports-color',
  ...builtinModules,
  ...builtinModules.map((name) => `node:${name}`),
];

/** Loaded before everything else, so they share no chunks. */
const ALONE: readonly { readonly input: Record<string, string>; readonly plugins: Plugin[] }[] = [
  {
    input: { register: src('register.ts') },
    plugins: [ownApi(root)],
  },
  { input: { 'doctor-probe': src('doctor/probe.ts') }, plugins: [] },
];

/**
 * Builds the CommonJS `dist`, with the SDK and the instrumentations compiled in and one chunk for each
 * instrumentation.
 *
 * @returns ids of all modules in the bundle
 * @see docs/spec/packaging.md section 2
 */
export async function bundle(): Promise<readonly string[]> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Contains the version: another installed version may need another API.
  const apiKey = `otel-xray.api.${manifest.version}`;
  const define = {
    __VERSION__: JSON.stringify(manifest.version),
    __COMPILED_IN__: compiledIn(),
    __OWN_API__: JSON.stringify(apiKey),
  };
  const instrumentations = Object.fromEntries(
    INSTRUMENTATIONS.map(({ name }) => [`i/${name}`, `virtual:i/${name}`]),
  );
  const { plugin: grouping, splitting } = grouped(GROUPS, RARE, [
    WITH_PARENTS,
    WITH_SPANS,
    WITH_ERRORS,
  ]);
  const chunks = await write({
    input: { ...ENTRIES, ...lazyEntries(LAZY, virtualLazy), ...instrumentations },
    define,
    plugins: [
      virtualEntries(),
      lazyModules(LAZY),
      sharedApi(apiKey),
      inlineSemanticConventions(),
      realTime(root),
      copiedNamespaces(),
      attributeValues(root),
      spanStart(root),
      guardedListeners(root),
      patchHttp(root),
      deferredRequests(),
      graphqlData(root),
      ...compiledUnplugin(),
      grouping,
      deferredChunk(SDK, SPANS),
      deferredChunk(CORE, PROPAGATION),
      deferredChunk(CORE, SPANS),
      deferredChunk('export', SPANS),
      deferredChunk('lambda', SPANS),
      deferredChunk(CORE, ERRORS),
      deferredChunk('lambda', ERRORS),
      deferredChunk(SPANS, ERRORS),
      deferredChunk('i/http', REQUESTS),
      plainExports(),
      lazyPaths(),
    ],
    codeSplitting: { groups: splitting, includeDependenciesRecursively: false },
  });
  const start = { __START__: JSON.stringify(startFile(chunks)) };
  for (const alone of ALONE) {
    chunks.push(
      ...(await write({ ...alone, define: { ...define, ...start }, codeSplitting: false })),
    );
  }
  return chunks.flatMap((chunk) => chunk.moduleIds);
}

/**
 * Returns the chunk that has `start`, and removes the entry that only re-exports it, so that
 * `register` need not load that.
 */
function startFile(chunks: readonly OutputChunk[]): string {
  const core = chunks.find(({ name }) => name === CORE);
  if (!core?.exports.includes('start')) throw new Error('the chunk core does not export start');
  rmSync(join(dist, 'start.cjs'));
  return `./${core.fileName}`;
}

interface Output {
  readonly input: Record<string, string>;
  readonly define: Record<string, string>;
  readonly plugins: Plugin[];
  readonly codeSplitting: NonNullable<OutputOptions['codeSplitting']>;
}

async function write({ input, define, plugins, codeSplitting }: Output): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    // Its `paths` are for the type check only.
    tsconfig: false,
    // Required by chunks that do not include their dependencies (grouped.ts); no entry gets more exports.
    preserveEntrySignatures: codeSplitting === false ? 'exports-only' : 'allow-extension',
    external: (id) => EXTERNAL.includes(id),
    resolve: {
      // The SDK packages have ES module builds, which can be tree-shaken; the instrumentations do not.
      mainFields: ['module', 'main'],
      alias: {
        'require-in-the-middle': src('instrumentation/loading/hooks.ts'),
        'import-in-the-middle': src('instrumentation/loading/import-hooks.ts'),
        // Its index loads the context manager for old versions of Node as well.
        '@opentelemetry/context-async-hooks': join(
          root,
          'node_modules/@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js',
        ),
      },
    },
    transform: { target: 'node20', define },
    plugins,
    onLog(level, log, handler) {
      // @fastify/otel reads its own version from its package.json.
      if (log.code !== 'EVAL') handler(level, log);
    },
  });
  const first = peerFirst(define['__OWN_API__'] as string);
  const { output } = await build.write({
    dir: dist,
    format: 'cjs',
    exports: 'named',
    // All sources are strict code; without this, an app's handlers would receive the global object as `this`.
    strict: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    codeSplitting,
    intro: ({ name, isEntry }) => (isEntry && NEEDS_PEER.has(name) ? first : ''),
    // Readable: an error that ends the app prints the line that threw, which may be one of ours.
    minify: false,
    minifyInternalExports: false,
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  return output.filter((file): file is OutputChunk => file.type === 'chunk');
}

function virtualEntries(): Plugin {
  return {
    name: 'virtual-entries',
    resolveId: (id) => (VIRTUAL.has(id) ? `\0${id}` : null),
    load: (id) => VIRTUAL.get(id.slice(1)) ?? null,
  };
}

/**
 * Returns the versions that `otel-xray doctor` shows, as JSON: of the SDK and of each
 * instrumentation.
 */
function compiledIn(): string {
  const names = ['@opentelemetry/sdk-trace', '@opentelemetry/instrumentation'];
  const all = [
    ...names,
    ...INSTRUMENTATIONS.map(({ from }) => from).filter((from) => !from.startsWith('./')),
  ];
  const versions = all.map((name) => {
    const file = join(root, 'node_modules', name, 'package.json');
    return [name, JSON.parse(readFileSync(file, 'utf8')).version as string];
  });
  return JSON.stringify(Object.fromEntries(versions));
}
