import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { normalDocuments } from '../support/normal-documents.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';
import { DATABASE_APPS, DATABASE_PACKAGES, DATABASE_SETUP } from './database-apps.ts';

const SERVERS: readonly ServerName[] = ['mariadb', 'memcached', 'postgres', 'redis'];

const MONGO_SERVER = join(import.meta.dirname, '../support/mongo-server.mjs');

describe.runIf(hasServers(SERVERS))('programs that use databases', () => {
  let app: App;
  let servers: Servers;
  let ports: Record<string, string>;

  beforeAll(async () => {
    [app, servers] = await Promise.all([installApp(...DATABASE_PACKAGES), startServers(SERVERS)]);
    ports = Object.fromEntries(SERVERS.map((name) => [`PORT_${name}`, `${servers.ports[name]}`]));
    app.file('setup.mjs', DATABASE_SETUP);
    cpSync(MONGO_SERVER, join(app.folder, 'mongo-server.mjs'));
    for (const [name, text] of Object.entries(DATABASE_APPS)) app.file(`${name}.mjs`, text);
    const end = await run(['setup.mjs'], { cwd: app.folder, env: ports });
    expect(end).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(async () => {
    await servers?.[Symbol.asyncDispose]();
    app?.remove();
  });

  /** The documents below each step, without those of the program's start and end. */
  async function traces(name: string, env: Readonly<Record<string, string>> = {}) {
    await using daemon = await startFakeDaemon();
    const end = await run(['--import', 'otel-xray/register', `${name}.mjs`], {
      cwd: app.folder,
      env: {
        ...ports,
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        AWS_XRAY_COLLECT_SQL_QUERIES: '1',
        OTEL_SERVICE_NAME: 'shop',
        OTEL_TRACES_SAMPLER: 'always_on',
        ...env,
      },
    });
    expect(end).toMatchObject({ code: 0, stderr: '' });
    await daemon.drained();
    return daemon.flat();
  }

  test.for(Object.keys(DATABASE_APPS))('%s: its traces', async (name) => {
    const text = `${JSON.stringify(normalDocuments(await traces(name)), null, 2)}\n`;
    expect(text).not.toContain('secret');
    await expect(text).toMatchFileSnapshot(
      join(import.meta.dirname, `golden/databases/${name}.json`),
    );
  });

  test.for(Object.keys(DATABASE_APPS))('%s: as without otel-xray', async (name) => {
    const [without, traced] = await Promise.all(
      [[], ['--import', 'otel-xray/register']].map((flags) =>
        run([...flags, `${name}.mjs`], {
          cwd: app.folder,
          env: { ...ports, OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' },
        }),
      ),
    );
    const withoutMessages = traced?.stderr.replaceAll(/^(?:warn|info) otel-xray: .*\n/gm, '');
    expect({ ...traced, stderr: withoutMessages }).toEqual(without);
    expect(without).toMatchObject({ code: 0 });
    expect(without?.stdout).not.toBe('');
  });

  test('connections have subsegments if they are enabled', async () => {
    const documents = await traces('pg', { OTEL_XRAY_CONNECT_SPANS: 'true' });
    const pool = documents.filter(({ sql }) => sql?.url?.includes(`:${ports['PORT_postgres']}/`));
    // A wait for the pool, its connection, two queries; another connection, two queries. The wait that
    // contains the connection is not remote, so the database has one node.
    expect(pool).toHaveLength(7);
    // The others are for a server that refuses connections, and for one that does not respond in time.
    expect(documents.filter(({ name }) => name === 'pg-pool.connect')).toHaveLength(3);
  });
});
