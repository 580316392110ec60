import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkProgram, checkScheduled, PROGRAMS } from '../../apps/program-run.ts';
import { type FakeDaemon, startFakeDaemon } from '../../support/fake-daemon.ts';
import { FRAMEWORK_APPS, FRAMEWORK_PACKAGES } from '../../support/framework-apps.ts';
import { type App, installApp } from '../../support/packed.ts';
import { start } from '../../support/run.ts';

const ANSWER =
  "const server = app.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));";
/** Each with one middleware of a name of its own. */
const WITH_MIDDLEWARE = {
  'express-middleware.cjs': `const app = require('express')();
app.use(function audit(request, response, next) { next(); });
app.get('/', (request, response) => response.json({}));
${ANSWER}`,
  'koa-middleware.cjs': `const app = new (require('koa'))();
app.use(async function audit(context, next) { await next(); });
app.use(async function answer(context) { context.body = {}; });
${ANSWER}`,
} as const;

const OTHERS = ['@nestjs/microservices@11.2.6', '@nestjs/schedule@6.1.3', 'cron@4.4.0'];

let app: App;

beforeAll(async () => {
  app = await installApp(...FRAMEWORK_PACKAGES, ...OTHERS);
  cpSync(PROGRAMS, join(app.folder, 'programs'), { recursive: true });
  for (const { file, text } of FRAMEWORK_APPS) app.file(file, text);
  for (const [file, text] of Object.entries(WITH_MIDDLEWARE)) app.file(file, text);
});
afterAll(() => app.remove());

/** Runs one of the apps with every request traced, until it listens. */
async function serve(file: string, daemon: FakeDaemon, env: Readonly<Record<string, string>>) {
  const running = start(['--import', 'otel-xray/register', file], {
    cwd: app.folder,
    program: app.node,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'always_on',
      ...env,
    },
  });
  const [, port] = await running.line(/^listening on (\d+)$/);
  return { running, url: `http://127.0.0.1:${port}` };
}

test.for(FRAMEWORK_APPS)(
  '$file: one datagram, whose segment has the route and contains its subsegments',
  async ({ file, route }) => {
    await using daemon = await startFakeDaemon();
    const { running, url } = await serve(file, daemon, {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_XRAY_ANNOTATIONS: 'http.route=route',
    });
    const response = await fetch(`${url}/shop/orders/7`);
    expect(await response.json()).toEqual({ id: '7' });
    const end = await running.stop();
    // Nest has a segment of its own for its start.
    const servers = () => daemon.flat().filter(({ type, http }) => type === undefined && http);
    await daemon.until(() => servers().length > 0);

    expect(end.stderr).toBe('');
    expect(servers()).toMatchObject([{ name: 'shop', annotations: { route } }]);
    const [segment] = servers();
    const parts = daemon.flat().filter(({ parent_id }) => parent_id === segment?.id);
    // Times are rounded to microseconds.
    const latest = (segment?.end_time ?? 0) + 0.000_002;
    const outlive = parts.filter(({ end_time }) => (end_time ?? 0) > latest);
    expect(outlive.map(({ name }) => name)).toEqual([]);
    const traceId = segment?.trace_id;
    expect(daemon.documents().filter(({ trace_id }) => trace_id === traceId)).toHaveLength(1);
  },
);

test.for(
  Object.keys(WITH_MIDDLEWARE).flatMap((file) => [
    { file, env: {}, shown: 0 },
    { file, env: { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' }, shown: 1 },
  ]),
)('$file: spans for middleware only on request: $env', async ({ file, env, shown }) => {
  await using daemon = await startFakeDaemon();
  const { running, url } = await serve(file, daemon, env);
  await (await fetch(`${url}/`)).json();
  await running.stop();
  await daemon.until(() => daemon.flat().some(({ http }) => http));
  expect(daemon.flat().filter(({ name }) => name.includes('audit'))).toHaveLength(shown);
});

test.each(['hapi', 'hono', 'koa', 'nest', 'nest-microservices'])(
  '%s has the trace that its users expect, and answers as without otel-xray',
  (name) => checkProgram(join(app.folder, 'programs'), name),
);

test.each(['cron', 'nest-schedule'])(
  'each run of a scheduled task is a separate trace: %s',
  (name) => checkScheduled({ folder: join(app.folder, 'programs'), program: app.node }, name),
);
