import { describe, expect, test } from 'vitest';
import { LIBRARIES } from '../canary/libraries.ts';
import { goldenFile, libraryTrace, packagesOf } from '../canary/run-library.ts';
import { libraryServers } from '../canary/started-servers.ts';
import { installApp } from '../support/packed.ts';
import { hasServers } from '../support/servers.ts';

const ports = libraryServers();

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
