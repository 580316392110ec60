import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDaemon } from '../../support/fake-daemon.ts';
import { type App, installApp } from '../../support/packed.ts';
import { start } from '../../support/run.ts';

interface Row {
  /** Method and path of the request. */
  readonly request: string;
  /** The route of the segment. */
  readonly route?: string;
  /** The routes of its `request handler`s; the route of the segment by default. */
  readonly handlers?: readonly (string | undefined)[];
  /** The same if middleware has spans: handlers that pass the request on then have their own. */
  readonly steps?: readonly string[];
}

const ROWS: readonly Row[] = [
  { request: 'GET /', route: '/' },
  { request: 'GET /?a=1', route: '/' },
  { request: 'GET /orders/7', route: '/orders/:id' },
  { request: 'HEAD /orders/7', route: '/orders/:id' },
  { request: 'HEAD /only-head', route: '/only-head' },
  { request: 'GET /only-head' },
  // Express passes it through the route, which has no handler for it.
  { request: 'HEAD /posted/7', handlers: [undefined] },
  { request: 'GET /chained/7', route: '/chained/:id' },
  { request: 'POST /chained/7', route: '/chained/:id' },
  { request: 'PUT /chained/7' },
  { request: 'OPTIONS /chained/7' },
  { request: 'GET /list', route: '/list,/of/paths' },
  { request: 'GET /pattern/12', route: '/^\\/pattern\\/\\d+$/' },
  { request: 'DELETE /all/7', route: '/all/:id' },
  { request: 'GET /loaded/7', route: '/loaded/:id' },
  {
    request: 'GET /skipped/special',
    route: '/skipped/special',
    steps: ['/skipped/:id', '/skipped/special'],
  },
  {
    request: 'GET /several/7',
    route: '/several/:id',
    steps: ['/several/:any', '/several/:id'],
  },
  { request: 'GET /fails/7', route: '/fails/:id' },
  { request: 'GET /refused/7', route: '/refused', handlers: [] },
  { request: 'GET /api/orders', route: '/api/orders' },
  { request: 'GET /api/orders/7', route: '/api/orders/:id' },
  { request: 'GET /api/orders/c/d', route: '/api/orders/a/b,/c/d' },
  { request: 'GET /api/first/other', route: '/api/first/other' },
  { request: 'GET /api/nowhere' },
  { request: 'GET /api/v1/deep/orders' },
  { request: 'GET /tenants/blue/orders/7', route: '/tenants/:tenant/orders/:id' },
  { request: 'GET /y/orders/7', route: '/x,/y/orders/:id' },
  { request: 'GET /lazy/7', route: '/lazy/:id' },
  { request: 'GET /lazy-twice/7', route: '/lazy-twice/:id' },
  { request: 'GET /later/7', route: '/later/:id' },
  { request: 'GET /app/inner/orders/7', route: '/app/inner/orders/:id' },
  {
    request: 'GET /by-route/7',
    route: '/by-route/:other',
    handlers: ['/by-route/:id', '/by-route/:other'],
  },
  { request: 'GET /static/page.html', route: '/static', handlers: [] },
  { request: 'POST /graphql', route: '/graphql', handlers: [] },
  { request: 'GET /graphql' },
  { request: 'GET /mounted/at/root', route: '/mounted', handlers: [] },
  { request: 'GET /koa/users/7', route: '/koa/users/:id' },
  { request: 'GET /shops/blue/koa/users/7', route: '/shops/:shop/koa/users/:id' },
  { request: 'GET /koa-b/users/7', route: '/koa-a,/koa-b/users/:id' },
  {
    request: 'GET /shops/blue/connect/v1/users',
    route: '/shops/:shop/connect/v1/users',
    handlers: ['/shops/:shop/connect/v1', '/shops/:shop/connect/v1/users'],
  },
  { request: 'GET /shops/blue/hono/users/7', route: '/shops/:shop/hono/users/:id', handlers: [] },
  { request: 'GET /hono/v1/users/7', route: '/hono/v1/users/:id', handlers: [] },
  { request: 'GET /nowhere' },
];

const MOUNTED = [
  '@hono/node-server@2.1.8',
  '@koa/router@15.7.0',
  'connect@3.7.0',
  'hono@4.13.19',
  'koa@3.3.0',
];

const VERSIONS = [
  { express: 'express@5.3.0', rows: [{ request: 'GET /caught/a/b', route: '/caught/{*rest}' }] },
  { express: 'express@4.21.2', rows: [{ request: 'GET /caught/a/b', route: '/caught/*' }] },
] as const;

let apps: readonly App[];
beforeAll(async () => {
  apps = await Promise.all(VERSIONS.map(({ express }) => installApp(express, ...MOUNTED)));
  for (const { folder } of apps) {
    cpSync(
      join(import.meta.dirname, '../programs/express-routes.mjs'),
      join(folder, 'express-routes.mjs'),
    );
  }
});
afterAll(() => apps.map((app) => app.remove()));

/** Sends requests one after the other, and returns what their traces say about the route. */
async function routesOf(folder: string, requests: readonly string[], env: object) {
  await using daemon = await startFakeDaemon();
  const server = start(['--import', 'otel-xray/register', 'express-routes.mjs'], {
    cwd: folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_XRAY_ANNOTATIONS: 'http.route=route',
      ...env,
    },
  });
  const [, port] = await server.line(/^listening on (\d+)$/);
  for (const request of requests) {
    const [method = '', path = ''] = request.split(' ');
    await (await fetch(`http://127.0.0.1:${port}${path}`, { method })).arrayBuffer();
  }
  const { stderr } = await server.stop();
  await daemon.drained();
  const documents = daemon.flat();
  const rows = requests.map((request) => {
    const segment = documents.find(
      ({ http }) =>
        request === `${http?.request?.method} ${http?.request?.url?.replace(/^.*?\d\//, '/')}`,
    );
    const parts = documents.filter(
      ({ trace_id, name }) => trace_id === segment?.trace_id && name === 'request handler',
    );
    return {
      request,
      route: segment?.annotations?.route,
      handlers: parts.map(({ annotations }) => annotations?.route),
    };
  });
  return { rows, stderr };
}

test.for(
  VERSIONS.flatMap((version, index) => [
    { ...version, index, everyStep: false, env: {} },
    { ...version, index, everyStep: true, env: { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' } },
  ]),
)(
  '$express $env: a request has the route of its handler, or the path of the middleware that answers it',
  async ({ index, rows, everyStep, env }) => {
    const expected = [...ROWS, ...rows].map(({ request, route, handlers, steps }: Row) => ({
      request,
      route,
      handlers: (everyStep ? steps : undefined) ?? handlers ?? (route === undefined ? [] : [route]),
    }));
    const requests = expected.map(({ request }) => request);
    const found = await routesOf(apps[index]?.folder ?? '', requests, env);
    expect(found.stderr).toBe('');
    expect(found.rows).toEqual(expected);
  },
);
