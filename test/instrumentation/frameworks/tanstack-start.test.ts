import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { editedSource } from '../../../src/instrumentation/frameworks/server-builds.ts';
import { tanStackCalls } from '../../../src/instrumentation/frameworks/tanstack-start.ts';
import { SERVER_BUILD } from '../../../src/instrumentation/loading/esm.ts';
import { spanRows } from '../../support/span-rows.ts';
import { inRequest, startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const HERE = 'globalThis[Symbol.for("otel-xray.server-build")]';
const { exactMatch, calledFunction, serverFunction, loader } = tanStackCalls;

test.each([
  ['srvx', 'file:///app/dist/server/server.js', true],
  ['srvx, with more than one chunk', 'file:///app/dist/server/assets/router-45XnNLdT.js', true],
  ['Nitro', 'file:///app/.output/server/_ssr/ssr.mjs', true],
  ['Nitro', 'file:///app/.output/server/_libs/@tanstack/router-core+%5B...%5D.mjs', true],
  ['h3 of Nitro', 'file:///app/.output/server/_libs/h3+rou3+srvx.mjs', true],
  ['loaders', 'file:///app/node_modules/@tanstack/router-core/dist/esm/load-server.js', true],
  [
    'rendering',
    'file:///app/node_modules/@tanstack/react-router/dist/esm/ssr/renderRouterToStream.js',
    true,
  ],
  ['the rest', 'file:///app/node_modules/@tanstack/router-core/dist/esm/router.js', false],
])('%s: %s may be edited: %s', (_name, url, expected) => {
  expect(SERVER_BUILD.test(url)).toBe(expected);
});

test.each([
  [
    'the route',
    'const isExactMatch = foundRoute && rawParams["**"] === void 0;',
    `const isExactMatch = ${HERE}.exactMatch(foundRoute, foundRoute && rawParams["**"] === void 0);`,
  ],
  [
    'the route, before version 1.168',
    'const isExactMatch = foundRoute && routeParams["**"] === undefined;',
    `const isExactMatch = ${HERE}.exactMatch(foundRoute, foundRoute && routeParams["**"] === undefined);`,
  ],
  [
    'the function that a browser calls',
    'const action = await getServerFnById(serverFnId, { origin: "client" });',
    `const action = await getServerFnById(serverFnId, { origin: "client" });${HERE}.calledFunction(action);`,
  ],
  [
    'the function that a browser calls, as Vite runs it',
    'const action = await (0,__vite_ssr_import_2__.getServerFnById)(serverFnId, { origin: "client" });',
    `const action = await (0,__vite_ssr_import_2__.getServerFnById)(serverFnId, { origin: "client" });${HERE}.calledFunction(action);`,
  ],
  [
    'server functions',
    'const result = await executeMiddleware$1(resolvedMiddleware, "server", ctx);',
    `const result = await ${HERE}.serverFunction(extractedFn, () => executeMiddleware$1(resolvedMiddleware, "server", ctx));`,
  ],
  [
    'loaders',
    '.then(() => loader(getLoaderContext(router, lane, match, route, index, tasks)))',
    `.then(() => ${HERE}.loader(route, () => loader(getLoaderContext(router, lane, match, route, index, tasks))))`,
  ],
  [
    'loaders, before version 1.171',
    'const loaderResult = route.options.loader?.(\n getLoaderContext(inner, matchId, index, route)\n);',
    `const loaderResult = ${HERE}.loader(route, () => route.options.loader?.(\n getLoaderContext(inner, matchId, index, route)\n));`,
  ],
  [
    'errors of loaders and beforeLoad',
    'try {\n route.options.onError?.(outcome[1]);',
    `try {\n ${HERE}.error(outcome[1]), route.options.onError?.(outcome[1]);`,
  ],
  [
    'errors of components',
    `console.error(\`Error in \${renderer}:\`, error, info);`,
    `console.error(\`Error in \${renderer}:\`, ${HERE}.error(error), info);`,
  ],
  [
    'errors of server routes',
    'function resolveErrorStatus(error, event) {\n',
    `function resolveErrorStatus(error, event) {${HERE}.error(error);\n`,
  ],
])('edits %s', (_what, source, expected) => {
  expect(editedSource(source)).toBe(expected);
  expect(editedSource(source, ['astro', 'nitro', 'sveltekit'])).toBeUndefined();
});

test.each([
  ['a page', { fullPath: '/orders/$id' }, true, '/orders/$id'],
  ['a page without a path of its own', { fullPath: '/orders/' }, true, '/orders'],
  ['the first page', { fullPath: '/' }, true, '/'],
  ['nothing', undefined, undefined, undefined],
  ['a part of the path', { fullPath: '/orders' }, false, undefined],
])('the segment of %s has its route', async (_what, found, isExact, expected) => {
  const { route } = await inRequest(() => {
    expect(exactMatch(found, isExact)).toBe(isExact);
  });
  expect(route).toBe(expected);
});

test('the segment of a function that a browser calls has its name in place of its id', async () => {
  const serverFnMeta = { id: 'd632cc2a', name: 'pay', filename: 'src/cart.ts' };
  const { route } = await inRequest(() =>
    calledFunction({ url: '/_serverFn/d632cc2a', serverFnMeta }),
  );
  expect(route).toBe('/_serverFn/pay');
});

const PAY = { serverFnMeta: { id: 'd632cc2a', name: 'pay', filename: 'src/cart.ts' } };
const NOT_FOUND = { isNotFound: true };

describe('server functions', () => {
  test('are subsegments with the calls that they make', async () => {
    const result: { result: number; error?: unknown } = { result: 7 };
    await inRequest(async () => {
      const paid = await serverFunction(PAY, async () => {
        trace.getTracer('http').startSpan('call').end();
        return result;
      });
      expect(paid).toBe(result);
    });
    const [call, paid, request] = tracing.spans();
    expect([call?.name, paid?.name, request?.name]).toEqual(['call', 'server function pay', 'GET']);
    expect(call?.parentSpanContext?.spanId).toBe(paid?.spanContext().spanId);
    expect(paid?.attributes).toEqual({
      'tanstack.function.id': 'd632cc2a',
      'tanstack.function.file': 'src/cart.ts',
    });
  });

  test.each([
    ['an error', new TypeError('no basket'), ['no basket']],
    ['a redirect', Response.redirect('http://shop.test/'), []],
    ['what is not found', NOT_FOUND, []],
  ])('record %s as expected', async (_what, error, messages) => {
    await inRequest(() => serverFunction(PAY, async () => ({ error })));
    expect(spanRows(tracing)).toEqual([
      ['server function pay', 'GET', undefined, ...messages],
      ['GET', undefined, undefined],
    ]);
  });
});

describe('loaders', () => {
  const route = { id: '/orders/$id', options: { loader: () => {} } };

  test('are subsegments; the error of a function that one calls is recorded once', async () => {
    const error = new RangeError('no such order');
    const run = async () => {
      await serverFunction(PAY, async () => ({ error }));
      throw error;
    };
    await inRequest(() => expect(loader(route, run)).rejects.toBe(error));
    expect(spanRows(tracing)).toEqual([
      ['server function pay', 'loader /orders/:id', undefined, 'no such order'],
      ['loader /orders/:id', 'GET', undefined],
      ['GET', undefined, undefined],
    ]);
  });

  test('return what they return', async () => {
    await inRequest(() => expect(loader(route, () => 7)).toBe(7));
  });

  test.each([
    ['a route without one', { id: '/', options: {} }, true],
    ['no request', route, false],
  ])('%s has none', async (_what, given, hasRequest) => {
    const run = () => expect(loader(given, () => 7)).toBe(7);
    await (hasRequest ? inRequest(run) : run());
    expect(tracing.spans().map(({ name }) => name)).toEqual(hasRequest ? ['GET'] : []);
  });
});
