import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIBRARIES } from '../canary/libraries.ts';
import { goldenFile, libraryTrace, packagesOf } from '../canary/run-library.ts';
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

describe.each(LIBRARIES)('$packageName $version', (library) => {
  test.runIf(hasServers(library.servers ?? []))('has the trace that its users expect', async () => {
    const app = await installApp(...packagesOf(library));
    try {
      const text = await libraryTrace(app, library, ports);
      expect(text).not.toContain('secret');
      await expect(text).toMatchFileSnapshot(goldenFile(library));
    } finally {
      app.remove();
    }
  });
});
