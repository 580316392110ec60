// Bundles a program: node bundle.mjs BUNDLER ENTRY [NAME]. With a name, of the program that `run.mjs` would load.
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';

const [bundler, file, name] = process.argv.slice(2);
const outfile = 'bundle.out.mjs';
const entry = name === undefined ? file : 'bundled-entry.mjs';
if (name !== undefined) {
  const { packages } = await import(`./${name}.mjs`);
  const lines = packages.map((specifier, at) => `import * as library${at} from '${specifier}';`);
  writeFileSync(
    entry,
    `import program from './${name}.mjs';
import { runSteps } from './steps.mjs';
${lines.join('\n')}
await program([${packages.map((_, at) => `library${at}`)}], runSteps);
`,
  );
}

/** Packages that are not installed, or have a native part, stay outside. */
function isOutside(path, folder) {
  const [packageName] = /^(?:@[\w.-]+\/)?[\w][\w.-]*(?=$|\/)/.exec(path) ?? [];
  if (packageName === undefined || isBuiltin(path)) return false;
  if (/^(?:better-sqlite3|oracledb|otel-xray)$/.test(packageName)) return true;
  const folders = createRequire(join(folder, 'a.js')).resolve.paths(packageName) ?? [];
  return !folders.some((found) => existsSync(join(found, packageName)));
}

/** What ES modules have in place of names that CommonJS packages use. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;";

/** For rollup and the bundlers that have its plugins. */
const outside = {
  name: 'outside',
  resolveId: {
    order: 'pre',
    handler: (path, importer) =>
      isOutside(path, resolve(importer ?? '.', '..')) ? { id: path, external: true } : undefined,
  },
};

/** Options of webpack and Rspack. */
const packed = {
  entry: resolve(entry),
  output: {
    path: resolve('.'),
    filename: outfile,
    module: true,
    chunkFormat: 'module',
    library: { type: 'module' },
  },
  experiments: { outputModule: true },
  target: 'node20',
  mode: 'production',
  externals: ({ context, request }, done) =>
    isOutside(request, context) ? done(undefined, `node-commonjs ${request}`) : done(),
  optimization: { minimize: false },
};
const run = (compiler) =>
  new Promise((done, fail) => {
    compiler.run((error, stats) => {
      if (error !== null || stats.hasErrors())
        fail(error ?? new Error(stats.toString('errors-only')));
      else compiler.close(done);
    });
  });

const BUNDLERS = {
  async esbuild(otelXray) {
    const { build } = await import('esbuild');
    const plugin = {
      name: 'outside',
      setup({ onResolve }) {
        onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) =>
          isOutside(path, resolveDir) ? { path, external: true } : undefined,
        );
      },
    };
    await build({
      entryPoints: [entry],
      outfile,
      format: 'esm',
      bundle: true,
      platform: 'node',
      banner: { js: BANNER },
      logLevel: 'error',
      plugins: [otelXray(), plugin],
    });
  },
  async webpack(otelXray) {
    const { default: webpack } = await import('webpack');
    await run(webpack({ ...packed, plugins: [otelXray()] }));
  },
  async rspack(otelXray) {
    const { rspack } = await import('@rspack/core');
    await run(rspack({ ...packed, plugins: [otelXray()] }));
  },
  async rollup(otelXray) {
    const { rollup } = await import('rollup');
    const [{ default: commonjs }, { default: json }, { default: nodeResolve }] = await Promise.all(
      ['commonjs', 'json', 'node-resolve'].map((part) => import(`@rollup/plugin-${part}`)),
    );
    const resolved = nodeResolve({ preferBuiltins: true, exportConditions: ['node'] });
    const built = await rollup({
      input: resolve(entry),
      plugins: [outside, commonjs(), resolved, json(), otelXray()],
      onLog() {},
    });
    await built.write({ file: outfile, format: 'esm', banner: BANNER, inlineDynamicImports: true });
  },
  async rolldown(otelXray) {
    const { rolldown } = await import('rolldown');
    const built = await rolldown({
      input: resolve(entry),
      platform: 'node',
      plugins: [outside, otelXray()],
      logLevel: 'silent',
    });
    await built.write({ file: outfile, format: 'esm', banner: BANNER, codeSplitting: false });
  },
  async vite(otelXray) {
    const { build } = await import('vite');
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        ssr: entry,
        outDir: '.',
        emptyOutDir: false,
        rolldownOptions: {
          output: { format: 'esm', entryFileNames: outfile, banner: BANNER, codeSplitting: false },
        },
      },
      ssr: { noExternal: true },
      plugins: [outside, otelXray()],
    });
  },
};

const { otelXray } = await import(`otel-xray/${bundler}`);
await BUNDLERS[bundler](otelXray);
