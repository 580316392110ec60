import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, expect, test } from 'vitest';
import { VueRouterInstrumentation } from '../../../src/instrumentation/frameworks/vue-router.ts';
import { applyHooks } from '../../../src/instrumentation/loading/hooks.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
const instrumentation = new VueRouterInstrumentation();
afterAll(async () => {
  instrumentation.disable();
  await tracing.close();
});

type Guard = (to: { matched: { path: string }[] }) => void;

/** A router as `vue-router` creates it. */
function routerPackage() {
  const guards: Guard[] = [];
  const router = { afterEach: (guard: Guard) => guards.push(guard) };
  return {
    router,
    guards,
    exports: { createRouter: (options: unknown) => ({ ...router, options }) },
  };
}

const go = (guards: readonly Guard[], ...paths: string[]): void => {
  for (const guard of guards) guard({ matched: paths.map((path) => ({ path })) });
};

test('a page that is rendered on the server gives the segment its route', () => {
  const { guards, exports } = routerPackage();
  const { createRouter } = applyHooks(exports, 'vue-router') as typeof exports;
  const span = trace.getTracer('http').startSpan('GET');
  const metadata: RPCMetadata = { type: RPCType.HTTP, span };
  const router = context.with(setRPCMetadata(ROOT_CONTEXT, metadata), () => createRouter('own'));
  expect(router.options).toBe('own');
  go(guards);
  expect(metadata.route).toBeUndefined();
  go(guards, '/orders', '/orders/:id()');
  go(guards, '/error');
  expect(metadata.route).toBe('/orders/:id');
});

test('outside a request, a router is left unchanged', () => {
  const { guards, exports } = routerPackage();
  const { createRouter } = applyHooks(exports, 'vue-router') as typeof exports;
  createRouter('own');
  expect(guards).toEqual([]);
});

test('exports without a router are not changed', () => {
  const exports = { version: '5' };
  expect(applyHooks(exports, 'vue-router')).toBe(exports);
});
