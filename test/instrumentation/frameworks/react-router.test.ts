import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { ReactRouterInstrumentation } from '../../../src/instrumentation/frameworks/react-router.ts';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { handlerSpans } from '../../../src/instrumentation/spans/handler-spans.ts';
import { spanRows } from '../../support/span-rows.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots(), handlerSpans()] });
const instrumentation = new ReactRouterInstrumentation();
beforeEach(() => tracing.reset());
afterAll(async () => {
  instrumentation.disable();
  await tracing.close();
});

interface Module {
  readonly default: (...args: unknown[]) => unknown;
  readonly instrumentations: readonly {
    route?(route: { id: string; instrument(wrap: Wraps): void }): void;
  }[];
}
type Wrap = (call: () => Promise<{ error?: unknown }>, info: object) => Promise<void>;
type Wraps = Readonly<Record<'loader' | 'action' | 'middleware', Wrap>>;
type Built = { entry: { module: Module } };

const OWN = { route: () => {} };
const BUILD = {
  publicPath: '/',
  entry: {
    module: { default: (...args: unknown[]) => args[1], instrumentations: [OWN], extra: 1 },
  },
};

/** Returns the options that the package gets when an app creates a server. */
function optionsOf(build: unknown): { readonly build: unknown; readonly mode: string } {
  const exports = { createRequestHandler: (options: unknown) => options };
  const hooked = applyHooks(exports, '@react-router/express') as typeof exports;
  return hooked.createRequestHandler({ build, mode: 'production' }) as never;
}

const tracedModule = (): Module => (optionsOf(BUILD).build as Built).entry.module;

/** How the loaders and actions of a route are wrapped. */
function wrapsOf(id: string): Wraps {
  const wraps: Wraps[] = [];
  const instrument = (wrap: Wraps): void => void wraps.push(wrap);
  for (const { route } of tracedModule().instrumentations) route?.({ id, instrument });
  return wraps[0] as Wraps;
}

/** Runs work in the handler of Express, which has set its route. */
async function inRequest(work: () => unknown): Promise<RPCMetadata> {
  const tracer = trace.getTracer('http');
  const span = tracer.startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  const metadata: RPCMetadata = { type: RPCType.HTTP, span, route: '*' };
  const active = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), metadata);
  const handler = tracer.startSpan(
    'request handler',
    { attributes: { 'express.type': 'request_handler', 'http.route': '*' } },
    active,
  );
  await context.with(trace.setSpan(active, handler), work);
  handler.end();
  span.end();
  return metadata;
}

/** Messages of the errors that a request has whose page does not render. */
async function errorsOfRender(thrown: unknown): Promise<readonly unknown[]> {
  const failing = { default: () => Promise.reject(thrown) };
  const { build } = optionsOf({ entry: { module: failing } });
  await inRequest(() =>
    expect((build as Built).entry.module.default('request')).rejects.toBe(thrown),
  );
  return tracing
    .spans()
    .flatMap(({ events }) => events.map(({ attributes }) => attributes?.['exception.message']));
}

test('the error of a component is recorded', async () => {
  expect(await errorsOfRender(new RangeError('no such order'))).toEqual(['no such order']);
});

test('a response that a component throws is not an error', async () => {
  expect(await errorsOfRender(new Response(null, { status: 404 }))).toEqual([]);
});

test('what rejects in the data of a streamed page is recorded; React Router handles it', async () => {
  const late = Promise.reject(new RangeError('no stock'));
  const other = Promise.reject(new Response(null, { status: 404 }));
  const loaderData = { root: null, order: { id: 7, late, other }, text: 'late' };
  await inRequest(async () => {
    const rendered = { staticHandlerContext: { loaderData } };
    tracedModule().default('request', 200, 'headers', rendered);
    await Promise.allSettled([late, other]);
  });
  expect(spanRows(tracing)).toEqual([
    ['request handler', 'GET', '*', 'no stock'],
    ['GET', undefined, undefined],
  ]);
});

describe('a build', () => {
  test('is copied, and keeps what it has', () => {
    const { build, mode } = optionsOf(BUILD);
    expect(mode).toBe('production');
    expect(build).toMatchObject({ publicPath: '/', entry: { module: { extra: 1 } } });
    expect((build as Built).entry.module.instrumentations).toHaveLength(2);
    expect((build as Built).entry.module.instrumentations[0]).toBe(OWN);
    expect(BUILD.entry.module.instrumentations).toEqual([OWN]);
  });

  test('may be a function', async () => {
    const { build } = optionsOf(async () => BUILD);
    const made = (await (build as () => Promise<Built>)()) as Built;
    expect(made.entry.module.instrumentations).toHaveLength(2);
  });

  test('is traced once, by the package or by React Router itself', () => {
    const exports = { createRequestHandler: (build: Built, mode: string) => ({ build, mode }) };
    const { createRequestHandler } = applyHooks(exports, 'react-router') as typeof exports;
    const inner = createRequestHandler(BUILD as unknown as Built, 'production');
    expect(inner.mode).toBe('production');
    expect(inner.build.entry.module.instrumentations).toHaveLength(2);
    const { build } = optionsOf(inner.build);
    expect(build).toBe(inner.build);
  });

  test.each([[undefined], [{}], [{ entry: {} }]])(
    'without a module is not changed: %o',
    (build) => {
      expect(optionsOf(build)).toEqual({ build, mode: 'production' });
    },
  );
});

test('loaders and actions are subsegments of the handler, which gets the route', async () => {
  const { loader, action } = wrapsOf('routes/orders.$id');
  const info = { pattern: 'orders/:id' };
  const { route } = await inRequest(async () => {
    await action(async () => ({}), info);
    await loader(async () => ({ error: new Error('no basket') }), { unstable_pattern: '/other' });
  });
  expect(route).toBe('/orders/:id');
  expect(spanRows(tracing)).toEqual([
    ['action routes/orders.:id', 'request handler', undefined],
    ['loader routes/orders.:id', 'request handler', undefined, 'no basket'],
    ['request handler', 'GET', '/orders/:id'],
    ['GET', undefined, undefined],
  ]);
});

test('middleware that answers or fails leaves the route and its error; others know the error', async () => {
  const { loader, middleware } = wrapsOf('routes/account');
  const denied = new Error('no session');
  const { route } = await inRequest(async () => {
    await middleware(async () => ({ error: denied }), { pattern: 'account' });
    await middleware(async () => ({ error: denied }), { pattern: 'account' });
    await loader(async () => ({ error: denied }), { pattern: 'account' });
    await middleware(async () => ({}), { pattern: 'other' });
  });
  expect(route).toBe('/account');
  expect(spanRows(tracing)).toEqual([
    ['loader routes/account', 'request handler', undefined],
    ['request handler', 'GET', '/account', 'no session'],
    ['GET', undefined, undefined],
  ]);
});

test('outside a request, a loader runs without a span', async () => {
  const calls: string[] = [];
  const { loader } = wrapsOf('routes/order');
  await loader(async () => {
    calls.push('loader');
    return {};
  }, {});
  expect(calls).toEqual(['loader']);
  expect(spanRows(tracing)).toEqual([]);
});

const ROOT = { route: { path: '' } };

test.each([
  ['a page', [ROOT, { route: { path: 'orders' } }, { route: { path: ':id' } }], '/orders/:id'],
  ['an index page', [ROOT, { route: { index: true } }], '/'],
  ['an index page of a layout', [ROOT, { route: { path: 'a' } }, { route: { index: true } }], '/a'],
  ['a page that does not exist', [ROOT], undefined],
  ['an unknown form', undefined, undefined],
])('%s without a loader gets its route when it is rendered', async (_page, matches, expected) => {
  const { route } = await inRequest(() => {
    const rendered = { staticHandlerContext: { matches } };
    expect(tracedModule().default('request', 200, 'headers', rendered)).toBe(200);
  });
  expect(route).toBe(expected);
});
