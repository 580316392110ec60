import { tracingChannel } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { traceLibrary } from '../../../src/instrumentation/channels/adonisjs.ts';
import { traceChannels } from '../../../src/instrumentation/channels/index.ts';
import { AdonisjsInstrumentation } from '../../../src/instrumentation/frameworks/adonisjs.ts';
import { FoalInstrumentation } from '../../../src/instrumentation/frameworks/foal.ts';
import { KoaInstrumentation } from '../../../src/instrumentation/frameworks/koa.ts';
import { MidwayInstrumentation } from '../../../src/instrumentation/frameworks/midway.ts';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { spanRows } from '../../support/span-rows.ts';
import { inRequest, startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
const instrumentations = [
  new FoalInstrumentation(),
  new AdonisjsInstrumentation(),
  new MidwayInstrumentation(),
];
beforeEach(() => tracing.reset());
afterAll(async () => {
  for (const instrumentation of instrumentations) instrumentation.disable();
  await tracing.close();
});

test('Foal responds to an error, which is recorded', async () => {
  const answer = { statusCode: 500 };
  const exports = { convertErrorToResponse: async (...args: unknown[]) => [answer, ...args] };
  const file = join('@foal/core', 'lib/core/routes/convert-error-to-response.js');
  const { convertErrorToResponse } = applyHooks(exports, file) as typeof exports;
  const error = new TypeError('no basket');
  await inRequest(async () =>
    expect(await convertErrorToResponse(error, 'ctx')).toEqual([answer, error, 'ctx']),
  );
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined, 'no basket']]);
});

test('AdonisJS 6 responds to an error of its server, which is recorded unless no route matches', async () => {
  class ExceptionHandler {
    readonly answers: unknown[] = [];
    handle(...args: unknown[]): unknown {
      this.answers.push(args);
      return 'answer';
    }
  }
  applyHooks({ ExceptionHandler }, '@adonisjs/http-server');
  const handler = new ExceptionHandler();
  const errors = [
    new TypeError('no session'),
    Object.assign(new Error('Cannot GET:/missing'), { code: 'E_ROUTE_NOT_FOUND' }),
  ];
  await inRequest(() => {
    for (const error of errors) expect(handler.handle(error, 'ctx')).toBe('answer');
  });
  expect(handler.answers).toEqual(errors.map((error) => [error, 'ctx']));
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined, 'no session']]);
});

test('AdonisJS 7 knows the route of a request to which middleware responds', async () => {
  const options = { version: '8.0.0', middlewareSpans: false, connectSpans: false };
  const channels = traceChannels({
    ...options,
    isEnabled: (name) => name === 'adonisjs',
    load: () => traceLibrary(options),
  });
  const ctx: { route?: { readonly pattern: string } } = {};
  const requests = tracingChannel('adonisjs.http.request');
  const middleware = tracingChannel('adonisjs.http.middleware');
  const { route } = await inRequest(() =>
    requests.tracePromise(
      async () => {
        await middleware.tracePromise(async () => {}, { middleware: { name: 'session' } });
        ctx.route = { pattern: '/orders/:id' };
        await middleware.tracePromise(async () => {}, { middleware: { name: 'guard' } });
      },
      { ctx },
    ),
  );
  channels.stopAll();
  expect(route).toBe('/orders/:id');
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined]]);
});

test('routers that Midway composes itself are traced as those of Koa', async () => {
  const koa = new KoaInstrumentation();
  const prototype = { use() {}, callback() {}, emit() {}, middleware: [], context: {} };
  koa.init().patch?.({ prototype } as never, '2.16.0');
  const show = async (ctx: { body?: unknown }) => {
    ctx.body = { id: 7 };
  };
  const router = { stack: [{ path: '/orders/:id', methods: ['GET'], stack: [show] }] };
  class WebControllerGenerator {
    loadMidwayController(onRouter: (made: typeof router) => string): string {
      return onRouter(router);
    }
  }
  applyHooks({ WebControllerGenerator }, '@midwayjs/core');
  const used: unknown[] = [];
  const result = new WebControllerGenerator().loadMidwayController((made) => {
    used.push(made);
    return 'used';
  });
  expect([result, used]).toEqual(['used', [router]]);
  const ctx: { body?: unknown } = {};
  const { route } = await inRequest(() => router.stack[0]?.stack[0]?.(ctx));
  expect(ctx.body).toEqual({ id: 7 });
  expect(route).toBe('/orders/:id');
  expect(tracing.spans().map(({ name }) => name)).toEqual(['router - /orders/:id', 'GET']);
});
