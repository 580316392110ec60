import type { RPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  editedSource,
  loadServerBuilds,
} from '../../../src/instrumentation/frameworks/server-builds.ts';
import { SERVER_BUILD } from '../../../src/instrumentation/loading/esm.ts';
import { spanRows } from '../../support/span-rows.ts';
import { inRequest, startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const HERE = 'globalThis[Symbol.for("otel-xray.server-build")]';

test.each([
  ['Vike', 'file:///app/node_modules/vike/dist/server/runtime/renderPageServer.js', true],
  ['Vike', 'file:///app/node_modules/vike/dist/esm/node/runtime/renderPage.js', true],
  ['another file of Vike', 'file:///app/node_modules/vike/dist/server/runtime/index.js', false],
  ['Waku', 'file:///app/dist/server/assets/server-entry-inner-C7-KJDYg.js', true],
  ['Angular', 'file:///app/dist/server/main.server.mjs', true],
  ['Waku', 'file:///app/dist/server/ssr/index.js', true],
  ['Qwik City', 'file:///app/server/entry.express.js', true],
  ['Qwik City', 'file:///app/server/entry.node-server.js', true],
  ['Qwik City', 'file:///app/server/q-ZSDbwjCV.js', true],
])('%s: %s may contain a router: %s', (_name, url, expected) => {
  expect(SERVER_BUILD.test(url)).toBe(expected);
});

test.each([
  [
    'routes of Angular',
    'const matchedRoute = this.router.match(url);\n if (!matchedRoute) {\n return null;\n }',
    `const matchedRoute = ${HERE}.angularRoute(this.router.match(url));\n if (!matchedRoute) {\n return null;\n }`,
  ],
  [
    'routes of Angular, minified',
    'let o=this.router.match(r);if(!o)return null;',
    `let o=${HERE}.angularRoute(this.router.match(r));if(!o)return null;`,
  ],
  [
    'routes of Vike',
    'objectAssign(pageContextNominalPageBegin, pageContextFromRoute);',
    `objectAssign(pageContextNominalPageBegin, ${HERE}.vikeRoute(pageContextFromRoute));`,
  ],
  [
    'errors of Vike',
    'logRuntimeError(err, pageContext._httpRequestId);',
    `logRuntimeError(${HERE}.error(err), pageContext._httpRequestId);`,
  ],
  [
    'routes of Waku',
    'const pathConfigItem = await getPathConfigItem(input.pathname);',
    `const pathConfigItem = ${HERE}.wakuRoute(await getPathConfigItem(input.pathname));`,
  ],
  [
    'errors of Server Components of Waku',
    'console.error("Error during rendering:", e);',
    `console.error("Error during rendering:", ${HERE}.error(e));`,
  ],
  [
    'errors of Client Components of Waku',
    'console.error("[SSR Error]", React.captureOwnerStack?.() || "", "\\n", e);',
    `console.error("[SSR Error]", React.captureOwnerStack?.() || "", "\\n", ${HERE}.error(e));`,
  ],
  [
    'errors of API routes and server actions of Waku',
    '} catch (e) {\n const info = getErrorInfo(e);\n const status = info?.status || 500;',
    `} catch (e) {\n const info = getErrorInfo(e);${HERE}.error(e);\n const status = info?.status || 500;`,
  ],
  [
    'routes of Qwik City',
    'const { routes, serverPlugins, menus, cacheModules } = qwikCityPlan;\n const route = await loadRoute(routes, menus, cacheModules, pathname, isInternal);',
    `const { routes, serverPlugins, menus, cacheModules } = qwikCityPlan;\n const route = ${HERE}.qwikRoute(await loadRoute(routes, menus, cacheModules, pathname, isInternal));`,
  ],
  [
    'routes of Qwik City, minified',
    'const{routes:o,menus:c,cacheModules:l}=e,f=await $t(o,c,l,t,a),d=1',
    `const{routes:o,menus:c,cacheModules:l}=e,f=${HERE}.qwikRoute(await $t(o,c,l,t,a)),d=1`,
  ],
  [
    'errors of Qwik City',
    'const err = await handled.completion;\n if (err) {\n throw err;\n }',
    `const err = await handled.completion;\n if (err) {\n throw ${HERE}.error(err);\n }`,
  ],
  [
    'errors of Qwik City, minified',
    'const p=await u.completion;if(p)throw p;',
    `const p=await u.completion;if(p)throw ${HERE}.error(p);`,
  ],
])('%s are reported', (_what, source, expected) => {
  expect(editedSource(source)).toBe(expected);
});

/** Runs edited code in a request that a server around the framework has passed on. */
function runInRequest(
  source: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<RPCMetadata> {
  loadServerBuilds(() => true);
  const code = `return (async () => { ${editedSource(source)} })();`;
  const run = new Function(...Object.keys(variables), code) as (...values: unknown[]) => unknown;
  return inRequest(() => run(...Object.values(variables)), '/{*any}');
}

const VIKE = 'objectAssign(page, pageContextFromRoute);';
const ANGULAR =
  'found(await (async function () {\nconst matched = this.router.match(url);\nif (!matched) { return null; }\nreturn matched; }).call({ router }));';
const WAKU =
  'const pathConfigItem = await getPathConfigItem(pathname);\nreturn found(pathConfigItem);';
const QWIK =
  'const { menus, cacheModules } = plan;\nconst route = await loadRoute(menus, cacheModules);\nreturn found(route);';
const literal = { type: 'literal', name: 'orders' };

test.each([
  ['a page of Angular', ANGULAR, { route: '/orders/*' }, '/orders/*'],
  ['any page of Angular', ANGULAR, { route: '/**' }, '/{*any}'],
  ['a file of Vike', VIKE, { _routeMatch: { routeString: '/orders/@id' } }, '/orders/@id'],
  ['a function of Vike', VIKE, { _routeMatch: { routeParams: {} } }, undefined],
  ['a hook of Vike', VIKE, { pageId: '/pages/sale' }, undefined],
  ['no page of Vike', VIKE, { _routeMatch: null }, undefined],
  ['the first page of Waku', WAKU, { path: [] }, '/'],
  ['a page of Waku', WAKU, { path: [literal, { type: 'group', name: 'id' }] }, '/orders/[id]'],
  [
    'the rest of the path in Waku',
    WAKU,
    { path: [literal, { type: 'wildcard', name: 'rest' }] },
    '/orders/[...rest]',
  ],
  ['no page of Waku', WAKU, undefined, '/{*any}'],
  ['the first page of Qwik City', QWIK, ['/', {}], '/'],
  ['a page of Qwik City', QWIK, ['orders/[id]/', {}], '/orders/[id]'],
  ['no page of Qwik City', QWIK, null, '/{*any}'],
])('%s gives the request its route', async (_what, source, page, expected) => {
  const results: unknown[] = [];
  const found = (result: unknown) => results.push(result);
  const variables = {
    ...{ page: {}, pathname: '/orders/7', plan: {}, found, pageContextFromRoute: page },
    objectAssign: (_to: object, from: unknown) => found(from),
    ...{ router: { match: () => page }, url: '/orders/7' },
    getPathConfigItem: async () => page,
    loadRoute: async () => page,
  };
  const { route } = await runInRequest(source, variables);
  expect(results).toEqual([page]);
  expect(route).toBe(expected);
});

test('redirects and refusals of Vike and Waku are answers', async () => {
  const errors = [
    Object.assign(new Error('AbortRender'), { _isAbortError: true }),
    Object.assign(new Error('Redirect'), { digest: '__WAKU_CUSTOM_ERROR__;{"status":307}' }),
    Object.assign(new TypeError('no basket'), { digest: '' }),
  ];
  const seen: unknown[] = [];
  const logRuntimeError = (error: unknown) => seen.push(error);
  const source = 'for (const error of errors) logRuntimeError(error, null);';
  await runInRequest(source, { errors, logRuntimeError });
  expect(seen).toEqual(errors);
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined, 'no basket']]);
});
