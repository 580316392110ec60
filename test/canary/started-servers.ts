import { afterAll, beforeAll } from 'vitest';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';
import { LIBRARIES } from './libraries.ts';

/**
 * Starts the servers of all libraries before the tests of a file, if this machine has them.
 *
 * @returns the environment variables with their ports, filled when the tests run
 */
export function libraryServers(): Readonly<Record<string, string>> {
  const names: readonly ServerName[] = [
    ...new Set(LIBRARIES.flatMap(({ servers = [] }) => servers)),
  ];
  const ports: Record<string, string> = {};
  let servers: Servers | undefined;
  beforeAll(async () => {
    if (!hasServers(names)) return;
    servers = await startServers(names);
    for (const name of names) ports[`PORT_${name}`] = String(servers.ports[name]);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());
  return ports;
}
