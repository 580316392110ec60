import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUNDLED, LIBRARIES } from '../canary/libraries.ts';
import { bundledTrace, goldenFile, packagesOf } from '../canary/run-library.ts';
import { libraryServers } from '../canary/started-servers.ts';
import { type App, installApp } from '../support/packed.ts';
import { hasServers } from '../support/servers.ts';

const BUNDLERS: readonly string[] = [
  '@rollup/plugin-commonjs@29.0.3',
  '@rollup/plugin-json@6.1.0',
  '@rollup/plugin-node-resolve@16.0.3',
  '@rspack/core@2.3.4',
  'esbuild@0.28.2',
  'rolldown@1.3.3',
  'rollup@4.68.8',
  'vite@8.4.0',
  'webpack@5.113.0',
];
const TWINS = LIBRARIES.filter(({ name }) => name in BUNDLED);

const ports = libraryServers();
let app: App;
beforeAll(async () => {
  app = await installApp(...BUNDLERS, ...new Set(TWINS.flatMap((library) => packagesOf(library))));
});
afterAll(() => app?.remove());

describe.each(TWINS)('$packageName', (library) => {
  test
    .runIf(hasServers(library.servers ?? []))
    .each(['esbuild', ...(BUNDLED[library.name] ?? [])] as const)(
    'has the same trace in a bundle of %s, built with the plugin',
    async (bundler) => {
      const trace = await bundledTrace(app, library, ports, bundler);
      expect(trace).toBe(readFileSync(goldenFile(library), 'utf8'));
    },
  );
});
