import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { traceText } from '../apps/trace-text.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type App, installApp } from '../support/packed.ts';
import { run, start } from '../support/run.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';

const PROGRAMS = join(import.meta.dirname, '../apps/programs');
const GOLDEN = join(import.meta.dirname, 'golden/apps');

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@agendajs/postgres-backend@3.0.6',
  '@apollo/server@5.5.1',
  '@aws-sdk/client-sqs@3.1169.0',
  '@fastify/cors@11.4.3',
  '@fastify/helmet@13.2.0',
  '@fastify/jwt@10.2.8',
  '@fastify/rate-limit@11.2.0',
  '@fastify/swagger@9.9.3',
  '@fastify/websocket@11.3.7',
  '@hapi/hapi@21.4.10',
  '@hono/node-server@2.1.8',
  '@koa/router@15.7.0',
  '@nestjs/common@11.2.10',
  '@nestjs/core@11.2.10',
  '@nestjs/platform-express@11.2.10',
  '@trpc/server@11.25.2',
  'agenda@6.2.6',
  'bree@9.2.9',
  'bullmq@6.7.0',
  'connect@3.7.0',
  'fastify@5.12.8',
  'graphql@16.15.0',
  'graphql-yoga@5.24.1',
  'hono@4.13.19',
  'ioredis@5.11.1',
  'koa@3.3.0',
  'mercurius@16.10.1',
  'node-cron@4.6.0',
  'pg-boss@12.38.0',
  'piscina@5.3.2',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
  'sqs-consumer@15.0.3',
];

/** A request to the app; those with a body are GraphQL queries. */
interface AppRequest {
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const WEB: readonly AppRequest[] = [
  { path: '/orders/7' },
  { path: '/broken' },
  { path: '/missing' },
];
const GRAPHQL: readonly AppRequest[] = [
  'query GetUser { user(id: 7) { id name orders { id total } } }',
  '{ broken }',
  'mutation Rename { rename(id: 1, name: "Bob") { name } }',
  'query { nonsense }',
].map((query) => ({ path: '/graphql', query }));

const APPS: Readonly<Record<string, readonly AppRequest[]>> = {
  fastify: [...WEB, { path: '/api/list' }, { path: '/stock', headers: { 'x-user': 'none' } }],
  hapi: WEB,
  hono: [...WEB, { path: '/teapot' }, { path: '/shop/closed' }],
  koa: [...WEB, { path: '/teapot' }],
  nest: [...WEB, { path: '/orders/x' }, { path: '/stock', headers: { 'x-user': 'none' } }],
  trpc: ['/user.get', '/broken', '/secret', '/missing', '/user.get,stock?batch=1'].map((path) => ({
    path,
  })),
  connect: WEB,
  apollo: GRAPHQL,
  yoga: GRAPHQL,
  mercurius: GRAPHQL,
  piscina: [{ path: '/cat' }, { path: '/broken' }, { path: '/named' }],
};

/** Each request enqueues a job and answers with its result. */
const JOBS: readonly AppRequest[] = [{ path: '/welcome' }, { path: '/broken' }];

/** Apps that need a server, and the server. */
const WITH_SERVER: Readonly<Record<string, ServerName>> = {
  agenda: 'postgres',
  bullmq: 'redis',
  'pg-boss': 'postgres',
  'sqs-consumer': 'moto',
};

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  cpSync(PROGRAMS, app.folder, { recursive: true });
});
afterAll(() => app?.remove());

interface Answers {
  readonly answers: readonly string[];
  readonly stderr: string;
  readonly trace: string;
}

/** Asks an app its requests, one after the other. */
async function answersOf(name: string, flags: readonly string[], env = {}): Promise<Answers> {
  await using daemon = await startFakeDaemon();
  const program = start([...flags, `${name}.mjs`], {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      // Some servers answer with stacks otherwise.
      NODE_ENV: 'production',
      OTEL_SERVICE_NAME: name,
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  const [, port] = await program.line(/^port (\d+)$/);
  const answers: string[] = [];
  for (const { path, query, headers } of APPS[name] ?? JOBS) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { ...headers, ...(query && { 'content-type': 'application/json' }) },
      ...(query && { method: 'POST', body: JSON.stringify({ query }) }),
    });
    answers.push(`${response.status} ${await response.text()}`);
  }
  // SIGTERM sends what waits.
  const { stderr } = await program.stop();
  return { answers, stderr, trace: traceText(daemon.flat()) };
}

describe.each(Object.keys(APPS))('%s', (name) => {
  test('has the trace that its users expect, and answers as without us', async () => {
    const [without, traced] = [
      await answersOf(name, []),
      await answersOf(name, ['--import', 'otel-xray/register']),
    ];
    expect(traced.answers).toEqual(without.answers);
    expect(traced.stderr).toBe(without.stderr);
    await expect(`${traced.trace}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  });
});

test.each(['fastify', 'hapi', 'connect', 'hono', 'koa', 'nest'])(
  'OTEL_XRAY_MIDDLEWARE_SPANS=true brings the hooks of %s back, with short names',
  async (name) => {
    const { trace } = await answersOf(name, ['--import', 'otel-xray/register'], {
      OTEL_XRAY_MIDDLEWARE_SPANS: 'true',
    });
    await expect(`${trace}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}-with-middleware.txt`));
  },
);

test.each(['schedulers', 'bree'])(
  'each run of a scheduled task is a separate trace: %s',
  async (name) => {
    await using daemon = await startFakeDaemon();
    const env = {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'stock',
      OTEL_TRACES_SAMPLER: 'always_on',
    };
    const options = { cwd: app.folder, program: app.node, env };
    const without = await run([`${name}.mjs`], options);
    const traced = await run(['--import', 'otel-xray/register', `${name}.mjs`], options);
    expect(traced).toEqual(without);
    await expect(`${traceText(daemon.flat())}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
  },
);

const SERVERS = [...new Set(Object.values(WITH_SERVER))];

describe.runIf(hasServers(SERVERS))('with a server', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(SERVERS);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test.each(Object.entries(WITH_SERVER))(
    'each job of %s is a separate trace, linked to the request that enqueued it',
    async (name, server) => {
      const env = {
        AWS_ACCESS_KEY_ID: 'id',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${servers.ports.moto}`,
        AWS_SECRET_ACCESS_KEY: 'secret',
        [`PORT_${server}`]: String(servers.ports[server]),
      };
      const without = await answersOf(name, [], env);
      const traced = await answersOf(name, ['--import', 'otel-xray/register'], env);
      expect(traced.answers).toEqual(without.answers);
      expect(traced.stderr).toBe(without.stderr);
      await expect(`${traced.trace}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
    },
  );
});
