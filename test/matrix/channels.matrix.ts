import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { normalDocuments } from '../support/normal-documents.ts';
import { type App, installApp } from '../support/packed.ts';
import { run } from '../support/run.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';
import {
  CHANNEL_APPS,
  CHANNEL_PACKAGES,
  FASTIFY_APP,
  GRAPHQL_PACKAGES,
  graphqlApp,
  H3_APP,
  LOADED,
  MONGOOSE_APP,
  MONGOOSE_PACKAGES,
  OWN_INSTRUMENTATIONS,
} from './channel-apps.ts';

const SERVERS: readonly ServerName[] = ['mariadb', 'redis'];

const MONGO_SERVER = join(import.meta.dirname, '../support/mongo-server.mjs');

const FORMS = ['cjs', 'mjs'] as const;

interface Traced {
  readonly documents: readonly object[];
  /** Instrumentations and channel sets that were loaded. */
  readonly loaded: readonly string[];
}

let app: App;
let ports: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  app = await installApp(...CHANNEL_PACKAGES);
  for (const [name, text] of Object.entries(CHANNEL_APPS)) app.file(`${name}.mjs`, text);
  for (const form of FORMS) app.file(`graphql-${form}.mjs`, graphqlApp(form));
  app.file('own.cjs', OWN_INSTRUMENTATIONS);
  app.file('loaded.cjs', LOADED);
});
afterAll(() => app?.remove());

/** Added to the environment of a program. */
type Env = Readonly<Record<string, string>>;

async function traced(program: string, env: Env = {}): Promise<Traced> {
  return tracedIn(app, program, env);
}

/** The spans that instrumentations of the app itself record, which include connections. */
async function tracedByApp(program: string, env: Env = {}): Promise<Traced> {
  return tracedIn(app, program, env, '--import', './own.cjs');
}

async function tracedIn(
  { folder }: App,
  program: string,
  env: Env = {},
  ...first: readonly string[]
): Promise<Traced> {
  await using daemon = await startFakeDaemon();
  const flags = ['--import', './loaded.cjs', '--import', 'otel-xray/register', ...first];
  const end = await run([...flags, program], {
    cwd: folder,
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
  const documents = normalDocuments(daemon.flat());
  expect(JSON.stringify(documents)).not.toContain('secret');
  return {
    documents,
    loaded: end.stdout.trim().split('\n').at(-1)?.split(' ').filter(Boolean) ?? [],
  };
}

/** Compiles a program with its library into one file, which only the API stays out of. */
async function bundled(name: string): Promise<string> {
  const build = await rolldown({
    cwd: app.folder,
    input: join(app.folder, `${name}.mjs`),
    platform: 'node',
    external: ['@opentelemetry/api'],
    logLevel: 'silent',
  });
  await build.write({ file: join(app.folder, `${name}-bundle.mjs`), format: 'esm' });
  await build.close();
  return `${name}-bundle.mjs`;
}

/** Leaves out what no channel publishes: the user of a database connection. */
function withoutUser(documents: readonly object[]): readonly object[] {
  return (documents as readonly SegmentDocument[]).map(({ sql, ...rest }) => {
    if (sql === undefined) return rest;
    const { user: _user, ...other } = sql;
    return { ...rest, sql: other };
  });
}

/** Leaves out the calls of a step of the program. */
function withoutCalls(documents: readonly object[], step: string): readonly object[] {
  return (documents as readonly { readonly parent?: string }[]).filter(
    ({ parent }) => parent !== step,
  );
}

function withoutErrorTypes(documents: readonly object[]): readonly object[] {
  const types = new Set(['ER_UNKNOWN_TABLE']);
  return JSON.parse(
    JSON.stringify(documents, (key, value) =>
      key === 'type' && types.has(value) ? undefined : value,
    ),
  );
}

/** The documents below the steps with these names. */
function without(documents: readonly object[], ...steps: readonly string[]): readonly object[] {
  return (documents as readonly { readonly name: string; readonly parent?: string }[]).filter(
    ({ name, parent = '' }) => !steps.includes(name) && !steps.includes(parent),
  );
}

describe.runIf(hasServers(SERVERS))('libraries with tracing channels', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(SERVERS);
    ports = Object.fromEntries(SERVERS.map((name) => [`PORT_${name}`, `${servers.ports[name]}`]));
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test('node-redis: channels and instrumentation give the same documents', async () => {
    const byChannel = await traced('redis.mjs');
    const byInstrumentation = await tracedByApp('redis.mjs');
    expect(byChannel.loaded).toEqual(['channels-redis', 'redis']);
    expect(byInstrumentation.loaded).toEqual([]);
    // A connection is recorded only if it fails.
    expect(byChannel.documents).toEqual(withoutCalls(byInstrumentation.documents, 'connect'));
    expect(JSON.stringify(byChannel.documents)).toContain('ECONNREFUSED');
  });

  test('mysql2: channels and instrumentation give the same documents', async () => {
    const byChannel = await traced('mysql2.mjs');
    const byInstrumentation = await tracedByApp('mysql2.mjs');
    expect(byChannel.loaded).toEqual(['channels-mysql2', 'mysql2']);
    expect(byInstrumentation.loaded).toEqual([]);
    // Upstream records the message of an error alone.
    expect(withoutErrorTypes(withoutUser(byChannel.documents))).toEqual(
      byInstrumentation.documents,
    );
    expect(JSON.stringify(byChannel.documents)).toContain('"type":"ER_UNKNOWN_TABLE"');
    expect(JSON.stringify(byChannel.documents)).toContain('"user":"root"');
  });

  test('ioredis: its instrumentation is used, and never together with its channels', async () => {
    const ours = await traced('ioredis.mjs');
    const ofTheApp = await tracedByApp('ioredis.mjs');
    expect(ours.loaded).toEqual(['ioredis']);
    // The client's own commands, and a connection that succeeds, are not recorded.
    expect(ours.documents).toEqual(withoutCalls(ofTheApp.documents, 'connect'));
  });

  test.for(['redis', 'ioredis', 'mysql2'])(
    '%s in a bundle is traced by its channels',
    async (name) => {
      const plain = await traced(`${name}.mjs`);
      const inBundle = await traced(await bundled(name));
      expect(inBundle.loaded).toEqual([`channels-${name}`]);
      // The commands of a MULTI are not published.
      expect(without(inBundle.documents, 'multi')).toEqual(
        without(withoutUser(plain.documents), 'multi'),
      );
    },
  );
});

test('fastify in a bundle has the documents of an unbundled one', async () => {
  app.file('fastify.mjs', FASTIFY_APP);
  const plain = await traced('fastify.mjs');
  const inBundle = await traced(await bundled('fastify'));
  expect(inBundle.loaded).toEqual(plain.loaded);
  expect(inBundle.documents).toEqual(plain.documents);
  expect(JSON.stringify(plain.documents)).toContain('"name":"request handler"');
});

test('fastify: its channels and the earlier instrumentation give the same documents', async () => {
  app.file('fastify.mjs', FASTIFY_APP);
  const byChannel = await traced('fastify.mjs');
  const byInstrumentation = await tracedByApp('fastify.mjs');
  expect(byChannel.loaded).toEqual(['fastify', 'undici']);
  expect(byInstrumentation.loaded).toEqual(['undici']);
  const handlers = (documents: readonly object[]): readonly object[] =>
    (documents as readonly SegmentDocument[])
      // The earlier one adds names of functions and plugins, and has spans of hooks and of the answer to a request
      // that no route matches.
      .filter(({ name }) => !/^middleware|basic404$/.test(name))
      .map(({ name, metadata, ...rest }) => ({
        ...rest,
        name: name.startsWith('request handler') ? 'request handler' : name,
        route: metadata?.['default']?.['http.route'],
      }));
  expect(handlers(byChannel.documents)).toEqual(handlers(byInstrumentation.documents));
  expect(JSON.stringify(byChannel.documents)).toContain('no basket');
});

describe('h3 and srvx', () => {
  beforeAll(() => void app.file('h3.mjs', H3_APP));

  test('a request is one segment with its route, a handler is a subsegment', async () => {
    const { documents, loaded } = await traced('h3.mjs');
    expect(loaded).toEqual(['channels-h3', 'channels-srvx', 'server-builds', 'undici']);
    const servers = served(documents);
    expect(servers.map(({ metadata, ...rest }) => [flag(rest), metadata?.['http.route']])).toEqual([
      ['fault', '/broken'],
      ['fault', '/closed'],
      ['error', undefined],
      ['ok', '/orders/:id'],
      ['ok', '/part/stock/:id'],
      ['error', '/teapot'],
    ]);
    expect(
      tree(documents)
        .filter((line) => !line.includes('> shop'))
        .sort(),
    ).toEqual([
      'request handler > in handler (local)',
      ...Array(6).fill('shop > 127.0.0.1 (remote)'),
      ...Array(5).fill('shop > in middleware (local)'),
      ...Array(4).fill('shop > request handler (local)'),
    ]);
  });

  test('an error is recorded once, where it was thrown', async () => {
    const { documents } = await traced('h3.mjs');
    const failed = (documents as readonly SegmentDocument[]).flatMap(({ name, cause }) =>
      typeof cause === 'object' ? [[name, cause.exceptions?.[0]?.message]] : [],
    );
    expect(failed.sort()).toEqual([
      ['request handler', 'HTTPError 418'],
      ['request handler', 'no basket'],
      ['shop', 'closed'],
    ]);
  });

  test('middleware has subsegments if they are enabled', async () => {
    const { documents } = await traced('h3.mjs', { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' });
    const lines = tree(documents);
    expect(lines.filter((line) => line === 'shop > logger (local)')).toHaveLength(6);
    expect(lines.filter((line) => line === 'logger > middleware (local)')).toHaveLength(6);
    expect(lines.filter((line) => line === 'middleware > request handler (local)')).toHaveLength(4);
  });

  test('in a bundle they have the same documents', async () => {
    const plain = await traced('h3.mjs');
    expect((await traced(await bundled('h3'))).documents).toEqual(plain.documents);
  });
});

/** The segments of requests that were served, by URL. */
function served(documents: readonly object[]): readonly Served[] {
  const urlOf = ({ http }: Served): string => http?.request?.url ?? '';
  return (documents as readonly Served[])
    .filter(({ name, http }) => name === 'shop' && http !== undefined)
    .sort((a, b) => urlOf(a).localeCompare(urlOf(b), 'en'));
}

interface Served extends Pick<SegmentDocument, 'name' | 'http' | 'fault' | 'error'> {
  readonly metadata?: Readonly<Record<string, unknown>>;
}

function flag({ fault, error }: Pick<Served, 'fault' | 'error'>): 'fault' | 'error' | 'ok' {
  if (fault) return 'fault';
  return error ? 'error' : 'ok';
}

describe('mongoose', () => {
  let withMongoose8: App;
  beforeAll(async () => {
    withMongoose8 = await installApp(...MONGOOSE_PACKAGES);
    withMongoose8.file('loaded.cjs', LOADED);
    for (const each of [app, withMongoose8]) {
      each.file('mongoose.mjs', MONGOOSE_APP);
      cpSync(MONGO_SERVER, join(each.folder, 'mongo-server.mjs'));
    }
  });
  afterAll(() => withMongoose8?.remove());

  /** Without the commands of the driver. */
  const alone: Env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'mongodb' };

  test('channels and instrumentation give the same documents', async () => {
    const byChannel = await traced('mongoose.mjs', alone);
    const byInstrumentation = await tracedByApp('mongoose.mjs', alone);
    expect(byChannel.loaded).toEqual(['channels-mongoose']);
    expect(byInstrumentation.loaded).toEqual([]);
    expect(byChannel.documents).toEqual(byInstrumentation.documents);
    expect(JSON.stringify(byChannel.documents)).toContain('E11000');
  });

  test('in a bundle it has the same documents', async () => {
    const plain = await traced('mongoose.mjs', alone);
    const inBundle = await traced(await bundled('mongoose'));
    expect(inBundle.loaded).toEqual(['channels-mongoose']);
    expect(inBundle.documents).toEqual(plain.documents);
  });

  test('with its driver, the commands below an operation are the database', async () => {
    const { documents, loaded } = await traced('mongoose.mjs');
    expect(loaded).toEqual(['channels-mongoose', 'mongodb']);
    const calls = (step: string): readonly string[] => linesBelow(step, documents);
    expect(calls('find')).toEqual([
      'find > after (local)',
      'find > find orders (local)',
      ...Array(2).fill('find orders > shop@127.0.0.1 (remote)'),
    ]);
    expect(calls('update of a document')).toEqual([
      'update of a document > updateOne orders (local)',
      'updateOne orders > shop@127.0.0.1 (remote)',
    ]);
    expect(calls('cursor')).toEqual([
      ...Array(2).fill('cursor > order (local)'),
      ...Array(2).fill('cursor > shop@127.0.0.1 (remote)'),
    ]);
  });

  test('version 8, which is instrumented, has the same tree', async () => {
    const byChannel = await traced('mongoose.mjs');
    const byInstrumentation = await tracedIn(withMongoose8, 'mongoose.mjs');
    expect(byInstrumentation.loaded).toEqual(['mongodb', 'mongoose']);
    expect(tree(byInstrumentation.documents)).toEqual(tree(byChannel.documents));
  });
});

/** One line for each document: its parent, name and namespace. */
function tree(documents: readonly object[]): readonly string[] {
  return (documents as readonly (SegmentDocument & { readonly parent?: string })[]).map(
    ({ parent = '', name, namespace = 'local' }) => `${parent} > ${name} (${namespace})`,
  );
}

/** Returns the lines below a step of the program. */
function linesBelow(step: string, documents: readonly object[]): readonly string[] {
  const lines = tree(documents);
  const first = lines.indexOf(`shop > ${step} (local)`) + 1;
  const rest = lines.slice(first);
  return rest.slice(0, rest.indexOf(' > shop (local)'));
}

describe('graphql', () => {
  let withGraphql16: App;
  beforeAll(async () => {
    withGraphql16 = await installApp(...GRAPHQL_PACKAGES);
    withGraphql16.file('graphql-cjs.mjs', graphqlApp('cjs'));
    withGraphql16.file('loaded.cjs', LOADED);
  });
  afterAll(() => withGraphql16?.remove());

  test.for([...FORMS, 'bundle'] as const)(
    '17 (%s) has the documents of graphql 16',
    async (form) => {
      const program = form === 'bundle' ? await bundled('graphql-mjs') : `graphql-${form}.mjs`;
      const byChannel = await traced(program);
      const byInstrumentation = await tracedIn(withGraphql16, 'graphql-cjs.mjs');
      expect(byChannel.loaded).toEqual(['channels-graphql']);
      expect(byInstrumentation.loaded).toEqual(['graphql']);
      expect(byChannel.documents).toEqual(withoutFieldText(byInstrumentation.documents));
    },
  );
});

/** Leaves out what graphql 17 does not publish: the text of a field. */
function withoutFieldText(documents: readonly object[]): readonly object[] {
  const isText = (key: string, value: unknown): boolean =>
    key === 'graphql.source' && typeof value === 'string';
  return (documents as readonly SegmentDocument[]).map((document) =>
    document.name.startsWith('graphql.resolve')
      ? JSON.parse(
          JSON.stringify(document, (key, value) => (isText(key, value) ? undefined : value)),
        )
      : document,
  );
}
