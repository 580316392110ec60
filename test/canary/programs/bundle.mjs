// Bundles a program: node bundle.mjs ENTRY [NAME]. With a name, of the program that `run.mjs` would load.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';

const [file, name] = process.argv.slice(2);
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
const outside = {
  name: 'outside',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'outside') return undefined;
      if (/^(?:better-sqlite3|oracledb|otel-xray)$/.test(path)) return { path, external: true };
      const { resolveDir, kind, importer } = rest;
      const found = await resolve(path, { resolveDir, kind, importer, pluginData: 'outside' });
      return found.errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};
await build({
  entryPoints: [entry],
  outfile: 'bundle.out.mjs',
  format: 'esm',
  bundle: true,
  platform: 'node',
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;",
  },
  logLevel: 'error',
  plugins: [otelXray(), outside],
});
