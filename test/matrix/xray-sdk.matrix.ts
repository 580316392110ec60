import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Tree, traceTrees } from '../../src/compare/trace-tree.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { type Finished, run } from '../support/run.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';
import { DATABASE_PROGRAMS, FETCH_PROGRAM } from './xray-sdk-apps.ts';

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@types/node@24.19.2',
  'aws-xray-sdk@3.12.0',
  'aws-xray-sdk-fetch@3.12.0',
  'esbuild@0.28.2',
  'express@5.3.0',
  'jest@30.5.2',
  'mysql@2.18.1',
  'node-fetch@2.7.0',
  'pg@8.23.1',
  'serverless-http@4.0.0',
  'tsx@4.23.15',
];

const EXPECTED: readonly Tree[] = [
  {
    name: 'job',
    annotations: { tier: 'gold' },
    children: [{ name: 'step', metadata: { default: { rows: 3 } } }],
  },
];

const BODY = `
const segment = new AWSXRay.Segment('job');
segment.addAnnotation('tier', 'gold');
AWSXRay.getNamespace().run(() => {
  AWSXRay.setSegment(segment);
  AWSXRay.captureFunc('step', (subsegment) => subsegment.addMetadata('rows', 3));
});
segment.close();
`;

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
});
afterAll(() => app?.remove());

/** What a remote subsegment shows in X-Ray, and the name of its segment. */
type Call = Readonly<Record<'parent' | 'name' | 'flags' | 'sql' | 'http', unknown>>;

function callsOf(documents: readonly SegmentDocument[]): readonly Call[] {
  const nameOf = new Map(documents.map(({ id, name }) => [id, name]));
  return documents
    .filter(({ namespace }) => namespace === 'remote')
    .sort((a, b) => a.start_time - b.start_time)
    .map(({ parent_id, name, error, fault, sql, http }) => ({
      parent: nameOf.get(parent_id ?? ''),
      name,
      flags: { error: error ?? false, fault: fault ?? false },
      sql: sql && [sql.user, sql.sanitized_query, sql.url?.replace(/:\d+/, '')],
      http: http && [http.request?.method, http.request?.url?.replace(/:\d+/, ''), http.response],
    }));
}

interface Result extends Finished {
  /** Remote subsegments in order of their start. */
  readonly calls: readonly Call[];
  readonly traces: readonly Tree[];
}

async function traced(args: readonly string[], env = {}): Promise<Result> {
  await using daemon = await startFakeDaemon();
  const end = await run(args, {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  const documents = daemon.flat();
  return { ...end, calls: callsOf(documents), traces: traceTrees(documents) };
}

const FLAG = ['--import', 'otel-xray/register'];

describe('an app that uses the X-Ray SDK runs on the facade', () => {
  test('as TypeScript through tsx', async () => {
    app.file('app.mts', `import AWSXRay from 'aws-xray-sdk-core';\n${BODY}`);
    const end = await traced([...FLAG, '--import', 'tsx', 'app.mts']);
    expect(end).toMatchObject({ code: 0, stderr: '', traces: EXPECTED });
  });

  test('bundled by esbuild with an alias', async () => {
    const source = app.file('source.mjs', `import AWSXRay from 'aws-xray-sdk-core';\n${BODY}`);
    const options = {
      entryPoints: [source],
      alias: { 'aws-xray-sdk-core': 'otel-xray/xray-sdk' },
      bundle: true,
      external: ['otel-xray'],
      outfile: 'bundle.cjs',
      platform: 'node',
    };
    const build = `require('esbuild').buildSync(${JSON.stringify(options)})`;
    const built = await run(['-e', build], { cwd: app.folder, program: app.node });
    expect(built).toMatchObject({ code: 0, stderr: '' });
    expect(await traced([...FLAG, 'bundle.cjs'])).toMatchObject({ code: 0, traces: EXPECTED });
  });

  test('in jest, with a module name mapper', async () => {
    app.file(
      'jest.config.cjs',
      `module.exports = { moduleNameMapper: { '^aws-xray-sdk(-core)?$': 'otel-xray/xray-sdk' } };`,
    );
    app.file(
      'app.test.js',
      `const AWSXRay = require('aws-xray-sdk-core').default;
       test('segments', () => {
         ${BODY}
         expect(segment).toBeInstanceOf(AWSXRay.Segment);
         expect(segment.subsegments[0].metadata).toEqual({ default: { rows: 3 } });
       });`,
    );
    const end = await traced(['node_modules/jest/bin/jest.js', '--watchman=false']);
    expect(end.stderr).toMatch(/Tests: +1 passed, 1 total/);
    expect(end.code).toBe(0);
  });

  test('behind serverless-http, with the same traces as the X-Ray SDK', async () => {
    app.file(
      'serverless.cjs',
      `const AWSXRay = require('aws-xray-sdk');
       const express = require('express');
       const serverless = require('serverless-http');
       const app = express();
       app.use(AWSXRay.express.openSegment('orders'));
       app.get('/orders/:id', (request, response) => {
         AWSXRay.captureFunc('load', (subsegment) => subsegment.addAnnotation('order', request.params.id));
         response.json({ id: request.params.id });
       });
       app.use(AWSXRay.express.closeSegment());
       const segment = new AWSXRay.Segment('function');
       AWSXRay.getNamespace().runPromise(async () => {
         AWSXRay.setSegment(segment);
         const event = { httpMethod: 'GET', path: '/orders/7', headers: {}, requestContext: {} };
         console.log((await serverless(app)(event, {})).body);
         segment.close();
       });`,
    );
    const sdk = await traced(['serverless.cjs']);
    const facade = await traced([...FLAG, 'serverless.cjs']);
    expect(facade).toMatchObject({ code: 0, stdout: '{"id":"7"}\n' });
    expect(JSON.stringify(sdk.traces)).toContain('"annotations":{"order":"7"}');
    expect(facade.traces).toEqual(sdk.traces);
  });

  test('with captureFetchModule, with the same calls as the X-Ray SDK', async () => {
    app.file('fetch.cjs', FETCH_PROGRAM);
    const sdk = await traced(['fetch.cjs']);
    const facade = await traced([...FLAG, 'fetch.cjs']);
    expect(facade).toMatchObject({ code: 0, stdout: sdk.stdout });
    expect(sdk.calls).toHaveLength(3);
    // The X-Ray SDK marks a call without a response as error and fault, and shows a call as a child of
    // the call before it.
    expect(sdk.calls.at(-1)?.flags).toEqual({ error: true, fault: true });
    const expected = sdk.calls.map((call): Call => ({ ...call, parent: 'job' }));
    expect(facade.calls).toEqual(
      expected.with(-1, { ...(expected.at(-1) as Call), flags: { error: false, fault: true } }),
    );
  });
});

const SERVERS: readonly ServerName[] = ['mariadb', 'postgres'];

describe.runIf(hasServers(SERVERS))('captureMySQL and capturePostgres', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(SERVERS);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test.for(Object.entries(DATABASE_PROGRAMS))(
    '%s: the same queries as with the X-Ray SDK',
    async ([name, { text, queries }]) => {
      app.file(`${name}.cjs`, text);
      const env = {
        AWS_XRAY_COLLECT_SQL_QUERIES: '1',
        OTEL_XRAY_SQL_LITERALS: 'true',
        PORT_mariadb: `${servers.ports.mariadb}`,
        PORT_postgres: `${servers.ports.postgres}`,
      };
      const sdk = await traced([`${name}.cjs`], env);
      const facade = await traced([...FLAG, `${name}.cjs`], env);
      expect(facade).toMatchObject({ code: 0, stdout: sdk.stdout });
      expect(sdk.calls).toHaveLength(queries);
      expect(facade.calls).toEqual(sdk.calls);
    },
  );
});
