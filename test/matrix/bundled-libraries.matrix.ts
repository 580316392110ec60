import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUNDLED, LIBRARIES } from '../canary/libraries.ts';
import { bundledTrace, goldenFile, packagesOf } from '../canary/run-library.ts';
import { installApp } from '../support/packed.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';

const SERVERS: readonly ServerName[] = [
  ...new Set(LIBRARIES.flatMap(({ servers = [] }) => servers)),
];

let servers: Servers | undefined;
const ports: Record<string, string> = {};
beforeAll(async () => {
  if (!hasServers(SERVERS)) return;
  servers = await startServers(SERVERS);
  for (const name of SERVERS) ports[`PORT_${name}`] = String(servers.ports[name]);
});
afterAll(() => servers?.[Symbol.asyncDispose]());

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
