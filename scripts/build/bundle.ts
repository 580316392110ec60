import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { INSTRUMENTATIONS } from '../../src/instrumentation/table.ts';
import { bundledPackages, licenceText, sbom } from './licences.ts';
import { inlineSemanticConventions } from './semantic-conventions.ts';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const src = (file: string): string => join(root, 'src', file);

/** Entries that users name, and those that are loaded on demand from beside them. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: src('index.ts'),
  register: src('register.ts'),
  cli: src('cli.ts'),
  'i/sqlite': src('instrumentation/sqlite.ts'),
};

const VIRTUAL = 'instrumentation:';

/** Everything compiled in but the API, which the app shares with us. */
const EXTERNAL = [
  '@opentelemetry/api',
  '@opentelemetry/winston-transport',
  'supports-color',
  ...builtinModules,
  ...builtinModules.map((name) => `node:${name}`),
];

/**
 * Builds the CommonJS `dist`: SDK and instrumentations compiled in, instrumentations as chunks.
 *
 * @see spec/packaging.md section 2
 */
export async function bundle(): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const instrumentations = Object.fromEntries(
    INSTRUMENTATIONS.map(({ name }) => [`i/${name}`, `${VIRTUAL}${name}`]),
  );
  const build = await rolldown({
    cwd: root,
    input: { ...ENTRIES, ...instrumentations },
    platform: 'node',
    external: (id) => EXTERNAL.includes(id),
    resolve: {
      // The SDK packages have ES module builds that can be shaken; the instrumentations do not.
      mainFields: ['module', 'main'],
      alias: {
        'require-in-the-middle': src('instrumentation/hooks.ts'),
        'import-in-the-middle': src('instrumentation/import-hooks.ts'),
      },
    },
    transform: { target: 'node20', define: { __VERSION__: JSON.stringify(manifest.version) } },
    plugins: [virtualInstrumentations(), inlineSemanticConventions()],
    onLog(level, log, handler) {
      // @fastify/otel reads its own version from its package.json.
      if (log.code !== 'EVAL') handler(level, log);
    },
  });
  const { output } = await build.write({
    dir: dist,
    format: 'cjs',
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  });
  await build.close();

  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
  const packages = bundledPackages(new Set(chunks.flatMap((chunk) => chunk.moduleIds)));
  writeFileSync(join(dist, 'THIRD_PARTY_LICENSES'), licenceText(packages));
  const own = { name: manifest.name, version: manifest.version };
  writeFileSync(join(dist, 'sbom.cdx.json'), `${JSON.stringify(sbom(packages, own), null, 2)}\n`);
}

/** `instrumentation:pg` → a module that exports the class as `I`. */
function virtualInstrumentations(): {
  name: string;
  resolveId(id: string): string | null;
  load(id: string): string | null;
} {
  return {
    name: 'instrumentations',
    resolveId: (id) => (id.startsWith(VIRTUAL) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${VIRTUAL}`)) return null;
      const name = id.slice(VIRTUAL.length + 1);
      const row = INSTRUMENTATIONS.find((entry) => entry.name === name);
      if (row === undefined) throw new Error(`no instrumentation ${name}`);
      const from = join(root, 'node_modules', row.from);
      return `export { ${row.export} as I } from ${JSON.stringify(from)};`;
    },
  };
}
