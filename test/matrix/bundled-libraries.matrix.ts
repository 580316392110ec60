import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUNDLED, LIBRARIES } from '../canary/libraries.ts';
import { bundledTrace, goldenFile, packagesOf } from '../canary/run-library.ts';
import { libraryServers } from '../canary/started-servers.ts';
import { installApp } from '../support/packed.ts';
import { hasServers } from '../support/servers.ts';

const ports = libraryServers();

describe.each(LIBRARIES.filter(({ name }) => BUNDLED.includes(name)))('$packageName', (library) => {
  test.runIf(hasServers(library.servers ?? []))(
    'has the same trace in a bundle that the plugin of esbuild has built',
    async () => {
      const app = await installApp('esbuild@0.28.2', ...packagesOf(library));
      try {
        const trace = await bundledTrace(app, library, ports);
        expect(trace).toBe(readFileSync(goldenFile(library), 'utf8'));
      } finally {
        app.remove();
      }
    },
  );
});
