import { resolve } from 'node:path';
import { defineConfig, type UserConfig } from 'vite';

const repository = resolve(import.meta.dirname, '../../..');

/** Builds the page to `dist/page`: one HTML file, and scripts and styles named by their content. */
const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    outDir: resolve(repository, 'dist/page'),
    emptyOutDir: true,
    target: 'es2022',
    // A polyfill would be an inline script, and data: addresses an exception in the page's CSP.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
  },
});

export default config;
