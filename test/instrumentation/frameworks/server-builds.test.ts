import type { RPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  editedSource,
  loadServerBuilds,
} from '../../../src/instrumentation/frameworks/server-builds.ts';
import { SERVER_BUILD } from '../../../src/instrumentation/loading/esm.ts';
import { handlerSpans } from '../../../src/instrumentation/spans/handler-spans.ts';
import { spanRows } from '../../support/span-rows.ts';
import { inRequest, startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [handlerSpans()] });
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const HERE = 'globalThis[Symbol.for("otel-xray.server-build")]';

test.each([
  ['Nitro', 'file:///app/.output/server/index.mjs', true],
  ['Nitro', 'file:///app/.output/server/chunks/nitro/nitro.mjs', true],
  ['SvelteKit', 'file:///app/build/server/chunks/instance.js', true],
  ['Astro', 'file:///app/dist/server/entry.mjs', true],
  ['nuxt dev', 'file:///app/.nuxt/dev/index.mjs', true],
  ['nitro dev', 'file:///app/.nitro/dev/index.mjs', true],
  ['h3', 'file:///app/node_modules/h3/dist/index.mjs', true],
  ['h3', 'file:///app/node_modules/h3/dist/_entries/node.mjs', true],
  ['Vite', 'file:///app/node_modules/vite/dist/node/module-runner.js', true],
  ['another file of Vite', 'file:///app/node_modules/vite/dist/node/cli.js', false],
  ['another file', 'file:///app/src/server.mjs', false],
  ['a CommonJS file', 'file:///app/server/index.cjs', false],
])('%s: %s may be the build of a server: %s', (_name, url, expected) => {
  expect(SERVER_BUILD.test(url)).toBe(expected);
});

describe('edits', () => {
  test.each([
    [
      'Nitro 2',
      'event.context.matchedRoute = match.matched;',
      `event.context.matchedRoute = ${HERE}.matched(event, match);`,
    ],
    [
      'Nitro 3, minified',
      'e.context.matchedRoute=t.data;',
      `e.context.matchedRoute=${HERE}.withRoute(t.data);`,
    ],
    [
      'errors of Nitro 3',
      'onError: (error, event) => {\n captureError(error, { event, tags: ["request"] });',
      `onError: (error, event) => {${HERE}.handlerError(error);\n captureError(error, { event, tags: ["request"] });`,
    ],
    [
      'errors of Nitro 3, minified',
      'onError:(e,t)=>{r(e,{event:t,tags:[`request`]})',
      `onError:(e,t)=>{${HERE}.handlerError(e);r(e,{event:t,tags:[\`request\`]})`,
    ],
    [
      'errors of Nitro 3, since its betas of 2026',
      'const h3App = createH3App({ onError(error, event) {\n return error_handler(error, event);',
      `const h3App = createH3App({ onError(error, event) {${HERE}.handlerError(error);\n return error_handler(error, event);`,
    ],
    [
      'SolidStart',
      'e.router.matches = props.routerState.matches().map(({ route, path, params }) => ({',
      `e.router.matches = ${HERE}.pageMatches(props.routerState.matches()).map(({ route, path, params }) => ({`,
    ],
    [
      'SolidStart 1, minified',
      'e.router.matches = t.routerState.matches().map(({ route: s, path: u, params: m }) => ({',
      `e.router.matches = ${HERE}.pageMatches(t.routerState.matches()).map(({ route: s, path: u, params: m }) => ({`,
    ],
    [
      'API routes of SolidStart',
      'return {\n handler,\n params: match.params,\n isPage\n};',
      `return {\n handler,\n params: (${HERE}.route(route.path), match.params),\n isPage\n};`,
    ],
    [
      'errors of pages of SolidStart',
      'fallback: (error) => {\n console.error(error);',
      `fallback: (error) => {\n ${HERE}.error(error);console.error(error);`,
    ],
    [
      'errors around pages of SolidStart',
      'catchError(() => props.children, (err) => {\n console.error(err);',
      `catchError(() => props.children, (err) => {\n ${HERE}.error(err);console.error(err);`,
    ],
    [
      'errors of server functions of SolidStart',
      'x = await applyServerFunctionErrorHandler(x);',
      `x = await applyServerFunctionErrorHandler(${HERE}.error(x));`,
    ],
    [
      'errors of API routes of SolidStart',
      'if (error.unhandled && !config.silent) console.error(error);',
      `if ((${HERE}.handlerError(error), error).unhandled && !config.silent) console.error(error);`,
    ],
    [
      'Vite 7',
      'async runInlinedModule(context, code) {\n',
      `async runInlinedModule(context, code) {code = ${HERE}.source(code);\n`,
    ],
    [
      'SvelteKit',
      'event.route = { id: route.id };',
      `event.route = { id: ${HERE}.route(route.id) };`,
    ],
    [
      'errors of SvelteKit 3',
      'function handle_error_and_jsonify(event, state, error) {\n',
      `function handle_error_and_jsonify(event, state, error) {${HERE}.error(error);\n`,
    ],
    [
      'errors of SvelteKit 2',
      'async function handle_error_and_jsonify(event, event_state, options2, error) {\n',
      `async function handle_error_and_jsonify(event, event_state, options2, error) {${HERE}.error(error);\n`,
    ],
    [
      'Astro',
      'switch (state.routeData.type) {\n\t\tcase "endpoint":',
      `switch (${HERE}.withRoute(state.routeData).type) {\n\t\tcase "endpoint":`,
    ],
    [
      'errors of Astro',
      'state.logger.error(null, err.stack || err.message || String(err));',
      `state.logger.error(null, ${HERE}.error(err).stack || err.message || String(err));`,
    ],
    [
      'errors of Astro after the response has started',
      '} catch (err) {\n\t\tdestination.write("Internal server error", () => {',
      `} catch (err) {\n\t\t${HERE}.error(err);destination.write("Internal server error", () => {`,
    ],
    [
      'errors of Astro in development',
      'recordServerError(loader, manifest, app.logger, error);',
      `recordServerError(loader, manifest, app.logger, ${HERE}.error(error));`,
    ],
    [
      'errors of Astro in development, as Vite runs it',
      '(0,__vite_ssr_import_2__.recordServerError)(loader, manifest, app.logger, error);',
      `(0,__vite_ssr_import_2__.recordServerError)(loader, manifest, app.logger, ${HERE}.error(error));`,
    ],
    [
      'actions of Astro',
      'if (ctx.routePattern === "/_actions/[...path]") return {',
      `if (ctx.routePattern === "/_actions/[...path]" && ${HERE}.route("/_actions/[...path]")) return {`,
    ],
    [
      'actions of Astro in development',
      'if (ctx.routePattern === __vite_ssr_import_1__.ACTION_RPC_ROUTE_PATTERN) {',
      `if (ctx.routePattern === __vite_ssr_import_1__.ACTION_RPC_ROUTE_PATTERN && ${HERE}.route(__vite_ssr_import_1__.ACTION_RPC_ROUTE_PATTERN)) {`,
    ],
    [
      'errors of actions of Astro',
      'new ActionError({\n message: e instanceof Error ? e.message : "Unknown error",\n code: "INTERNAL_SERVER_ERROR" })',
      `new ActionError({\n message: ${HERE}.error(e) instanceof Error ? e.message : "Unknown error",\n code: "INTERNAL_SERVER_ERROR" })`,
    ],
  ])('%s', (_framework, source, expected) => {
    expect(editedSource(source)).toBe(expected);
  });

  test('do not change other code', () => {
    const source =
      'const route = { id: route.id }; switch (shape.type) { case "circle": }; f({ onError: (e) => {} });' +
      'function recordServerError(loader, manifest, logger, err) {}';
    expect(editedSource(source)).toBeUndefined();
  });

  test('are made for enabled frameworks only', () => {
    expect(editedSource('e.context.matchedRoute = r.data', ['astro'])).toBeUndefined();
  });
});

const NITRO = 'file:///app/.output/server/chunks/nitro/nitro.mjs';

/** Loads a file as Node does, with a hook for all frameworks. */
function loaded(source: string | Uint8Array, url = NITRO): { source: unknown; format: string } {
  const load = loadServerBuilds(() => true);
  return load(url, {}, () => ({ source, format: 'module' })) as never;
}

describe('the load hook', () => {
  const SOURCE = 'e.context.matchedRoute = r.data';

  test.each([
    ['text', SOURCE],
    ['bytes', Buffer.from(SOURCE)],
  ])('edits %s', (_form, source) => {
    expect(loaded(source)).toEqual({
      source: `e.context.matchedRoute = ${HERE}.withRoute(r.data)`,
      format: 'module',
    });
  });

  test.each([
    ['another file', SOURCE, 'file:///app/main.mjs'],
    ['a build without a known router', 'run()', NITRO],
  ])('does not change %s', (_what, source, url) => {
    expect(loaded(source, url)).toEqual({ source, format: 'module' });
  });

  test('does not change a file without source', () => {
    expect(loaded(undefined as never)).toEqual({ source: undefined, format: 'module' });
  });
});

/** Runs edited code in the server span of an HTTP request. */
function runInRequest(
  source: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<RPCMetadata> {
  const code = loaded(source).source as string;
  const run = new Function(...Object.keys(variables), code) as (...values: unknown[]) => unknown;
  return inRequest(() => run(...Object.values(variables)));
}

describe('h3 1', () => {
  const ROUTER = 'event.context.matchedRoute = match.matched;\nreturn match.handler(event);';
  const event = { method: 'GET', context: {} };

  test('gives the segment its route, and the handler a subsegment', async () => {
    const matched = { path: '/orders/:id' };
    const answer = { id: 7 };
    const match = { matched, handler: async () => answer };
    const { route } = await runInRequest(ROUTER, { event, match });
    expect(route).toBe('/orders/:id');
    expect(event.context).toEqual({ matchedRoute: matched });
    expect(spanRows(tracing)).toEqual([
      ['request handler', 'GET', '/orders/:id'],
      ['GET', undefined, undefined],
    ]);
  });

  test('names a handler that a page calls in the same process after its route', async () => {
    const inner = { matched: { path: '/api/stock/:id' }, handler: () => 3 };
    const code = loaded(ROUTER).source as string;
    const route = new Function('event', 'match', code);
    const match = { matched: { path: '/**' }, handler: () => route(event, inner) };
    const metadata = await runInRequest(ROUTER, { event, match });
    expect(metadata.route).toBeUndefined();
    expect(spanRows(tracing)).toEqual([
      ['GET /api/stock/:id', 'request handler', '/api/stock/:id'],
      ['request handler', 'GET', undefined],
      ['GET', undefined, undefined],
    ]);
  });

  test('records what a handler throws, and throws it', async () => {
    const error = new TypeError('no basket');
    const handler = async () => {
      throw error;
    };
    const match = { matched: { path: '/broken' }, handler };
    await expect(runInRequest(ROUTER, { event, match })).rejects.toBe(error);
    expect(spanRows(tracing)).toEqual([['request handler', undefined, '/broken', 'no basket']]);
  });

  test('outside a request, nothing is traced', async () => {
    const handler = () => 1;
    const match = { matched: { path: '/task' }, handler };
    new Function('event', 'match', loaded(ROUTER).source as string)(event, match);
    expect(match.handler).toBe(handler);
    expect(spanRows(tracing)).toEqual([]);
  });
});

test('the first route is that of the request; error pages and catch-all routes have none', async () => {
  const source = 'for (const r of routes) e.context.matchedRoute = r.data;';
  const routes = ['/404', '/**', '/a/[id]', '/b'].map((route) => ({ data: { route } }));
  const { route } = await runInRequest(source, { routes, e: { context: {} } });
  expect(route).toBe('/a/[id]');
});

test.each([
  ['the pattern of its last part', ['/', '/orders/:id'], '/orders/:id'],
  ['its path if it is the first page', [''], '/'],
  ['none if nothing matches', [], undefined],
])('a page of SolidStart has %s', async (_rule, patterns, expected) => {
  const source =
    'e.matches = s.matches().map(({ route, path, params }) => ({ path: route.pattern }));';
  const e = { matches: [] };
  const matches = () => patterns.map((pattern) => ({ route: { pattern } }));
  const { route } = await runInRequest(source, { e, s: { matches } });
  expect(route).toBe(expected);
  expect(e.matches).toEqual(patterns.map((path) => ({ path })));
});

test('errors are recorded on the segment, answers below 500 are not', async () => {
  const source =
    'function handle_error_and_jsonify(event, error) { return error; }\n' +
    'for (const error of errors) handle_error_and_jsonify({}, error);';
  const broken = new Error('broken');
  const errors = [
    broken,
    broken,
    Object.assign(new Error('not found'), { status: 404 }),
    { status: 401 },
    undefined,
  ];
  await runInRequest(source, { errors });
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined, 'broken']]);
});

/** How h3 1 wraps what an app has thrown. */
function h3Error(thrown: Error & { statusCode?: number }): Error {
  const { message, stack, cause = thrown, statusCode = 500 } = thrown;
  return Object.assign(new Error(message), { stack, cause, statusCode, unhandled: true });
}

test('errors of Nitro are recorded as the app threw them', async () => {
  const source =
    'const app = { onError: (error, event) => { seen(error, { event }) } };\n' +
    'for (const error of errors) app.onError(error, {});';
  const cause = new TypeError('no basket');
  const errors = [
    Object.assign(new Error('wrapped', { cause }), {
      name: 'HTTPError',
      unhandled: true,
      status: 500,
    }),
    Object.assign(new Error('not yours'), { name: 'HTTPError', status: 403 }),
    h3Error(new RangeError('no session')),
    h3Error(new RangeError('no store', { cause })),
    h3Error(Object.assign(new Error('no such page'), { statusCode: 404 })),
  ];
  const seen: unknown[] = [];
  await runInRequest(source, { errors, seen: (error: unknown) => seen.push(error) });
  expect(seen).toEqual(errors);
  expect(spanRows(tracing)).toEqual([
    ['GET', undefined, undefined, 'no basket', 'no session', 'no store'],
  ]);
});

test('an error that a handler of h3 1 has thrown is on the handler only', async () => {
  const source = `event.context.matchedRoute = match.matched;
    const app = { onError: (error, event) => { seen(error, { event }) } };
    try { match.handler(event); } catch (error) { app.onError(wrapped(error), event); }`;
  const handler = () => {
    throw new TypeError('no basket');
  };
  const match = { matched: { path: '/cart' }, handler };
  await runInRequest(source, { event: { context: {} }, match, seen: () => {}, wrapped: h3Error });
  expect(spanRows(tracing)).toEqual([
    ['request handler', 'GET', '/cart', 'no basket'],
    ['GET', undefined, undefined],
  ]);
});

test('Vite runs an edited server', async () => {
  const vite = `class Evaluator {
    runInlinedModule(context, code, module) { new Function('context', code)(context); }
  }
  new Evaluator().runInlinedModule({ event: {} }, source);`;
  const source = 'const route = { id: "/orders/[id]" }; context.event.route = { id: route.id };';
  const { route } = await runInRequest(vite, { source });
  expect(route).toBe('/orders/[id]');
});
