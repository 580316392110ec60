import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BUNDLE_KEY } from '../../src/bundle-key.ts';
import { installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';

const ESBUILD = `
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';
await build({ entryPoints: ['app.mjs'], outfile: 'out.cjs', bundle: true, platform: 'node', plugins: [otelXray()] });
`;

/** Versions that the plugins do not know, with a build that calls each as its documentation says. */
const BUNDLERS = [
  { name: 'esbuild', version: '0.12.29', known: '>=0.17.0 <1', build: ESBUILD },
  { name: 'esbuild', version: '0.16.17', known: '>=0.17.0 <1', build: ESBUILD },
  {
    name: 'vite',
    version: '4.5.14',
    known: '>=5.0.0 <9',
    build: `
import { build } from 'vite';
import { otelXray } from 'otel-xray/vite';
await build({
  configFile: false,
  build: { ssr: 'app.mjs', outDir: '.', emptyOutDir: false, rollupOptions: { output: { entryFileNames: 'out.cjs', format: 'cjs' } } },
  ssr: { noExternal: [/./] },
  plugins: [otelXray()],
});
`,
  },
] as const;

describe.each(BUNDLERS)('$name $version', ({ name, version, known, build }) => {
  test('the plugin logs that it does not support the version, and does not change the bundle', async () => {
    const app = await installApp(`${name}@${version}`, 'express@5.3.0');
    try {
      app.file('app.mjs', "import express from 'express';\nconsole.log(typeof express);\n");
      app.file('build.mjs', build);
      const built = await run(['build.mjs'], { cwd: app.folder });
      expect(built.code, built.stderr).toBe(0);
      const output = `${built.stdout}${built.stderr}`;
      expect(output).toContain(`otel-xray/${name} does not support ${name} `);
      expect(output).toContain(`(supported: ${known}): the bundle is left unchanged`);
      const text = readFileSync(join(app.folder, 'out.cjs'), 'utf8');
      expect(text).not.toContain(BUNDLE_KEY);
      expect(await run(['out.cjs'], { cwd: app.folder })).toMatchObject({ stdout: 'function\n' });
    } finally {
      app.remove();
    }
  });
});
