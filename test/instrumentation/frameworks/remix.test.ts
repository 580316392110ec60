import { afterAll, beforeEach, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { RemixInstrumentation } from '../../../src/instrumentation/frameworks/remix.ts';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { spanRows } from '../../support/span-rows.ts';
import { inRequest, startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
const instrumentation = new RemixInstrumentation();
beforeEach(() => tracing.reset());
afterAll(async () => {
  instrumentation.disable();
  await tracing.close();
});

type Call = (...args: unknown[]) => unknown;
type Build = ReturnType<typeof buildWith>;

/** A build with one route. */
const buildWith = (module: Readonly<Record<string, Call>>, render: Call = () => 'page') => ({
  assets: {},
  entry: { module: { default: render, handleError: () => {} } },
  routes: { 'routes/orders.$id': { id: 'routes/orders.$id', path: 'orders', module } },
});

/** Returns what the package gets when an app creates a server. */
function given(build: unknown): unknown {
  const exports = { createRequestHandler: (...args: readonly unknown[]) => args };
  const hooked = applyHooks(exports, '@remix-run/server-runtime') as typeof exports;
  const [traced, mode] = hooked.createRequestHandler(build, 'production');
  expect(mode).toBe('production');
  return traced;
}

const moduleOf = (build: Build): Readonly<Record<string, Call>> =>
  (given(build) as Build).routes['routes/orders.$id'].module;

test.each([
  ['a page', [{}, { path: 'orders' }, { path: ':id' }], '/orders/:id'],
  ['the first page', [{}, { index: true }], '/'],
  ['nothing', null, undefined],
])('%s has its route', async (_what, routes, expected) => {
  const matches = routes?.map((route) => ({ route })) ?? null;
  const exports = { matchRoutes: (..._args: unknown[]) => matches };
  const hooked = applyHooks(exports, '@remix-run/router') as typeof exports;
  const { route } = await inRequest(() =>
    expect(hooked.matchRoutes([], '/orders/7')).toBe(matches),
  );
  expect(route).toBe(expected);
});

test('loaders and actions are subsegments', async () => {
  const build = buildWith({
    loader: (...args) => args,
    action: async (...args) => args,
    meta: () => 'meta',
  });
  await inRequest(async () => {
    const { loader, action, meta } = moduleOf(build);
    expect(loader?.('request', 7)).toEqual(['request', 7]);
    expect(await action?.('request')).toEqual(['request']);
    expect(meta?.()).toBe('meta');
  });
  expect(spanRows(tracing)).toEqual([
    ['loader routes/orders.:id', 'GET', undefined],
    ['action routes/orders.:id', 'GET', undefined],
    ['GET', undefined, undefined],
  ]);
});

test('a build may be the result of a function', async () => {
  const traced = given(async () => buildWith({ loader: () => 7 })) as () => Promise<Build>;
  const { routes, assets } = await traced();
  await inRequest(() => expect(routes['routes/orders.$id'].module['loader']?.()).toBe(7));
  expect(assets).toEqual({});
  expect(tracing.spans().map(({ name }) => name)).toEqual(['loader routes/orders.:id', 'GET']);
});

test.each([
  ['an error', new TypeError('no basket'), ['no basket']],
  ['a response', new Response('gone', { status: 404 }), []],
])(
  '%s that a loader throws is recorded as expected, and thrown',
  async (_what, thrown, messages) => {
    const { loader } = moduleOf(buildWith({ loader: () => Promise.reject(thrown) }));
    await inRequest(() => expect(loader?.()).rejects.toBe(thrown));
    expect(spanRows(tracing)).toEqual([
      ['loader routes/orders.:id', 'GET', undefined, ...messages],
      ['GET', undefined, undefined],
    ]);
  },
);

test('a page that does not render has its error on the segment', async () => {
  const thrown = new TypeError('no component');
  const { entry } = given(buildWith({}, () => Promise.reject(thrown))) as Build;
  await inRequest(() => expect(entry.module.default('request')).rejects.toBe(thrown));
  expect(spanRows(tracing)).toEqual([['GET', undefined, undefined, 'no component']]);
});

test('outside a request, nothing is traced', () => {
  expect(moduleOf(buildWith({ loader: () => 7 }))['loader']?.()).toBe(7);
  expect(tracing.spans()).toEqual([]);
});
