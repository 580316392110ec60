import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mountOf, noteMountedRoute } from '../../../src/instrumentation/frameworks/mount-path.ts';
import type { RouteMetadata } from '../../../src/instrumentation/spans/request-route.ts';

test.each([
  ['/orders/7', '/orders/7', ''],
  ['/orders/7?page=2', '/orders/7', ''],
  ['/api/orders/7', '/orders/7', '/api'],
  ['/api/v1/orders?page=2', '/orders', '/api/v1'],
  ['/api', '/', '/api'],
  ['/api/', '/', '/api'],
  ['/', '/', ''],
  // An app may also rewrite the path.
  ['/old', '/items/7', ''],
])('%s with the path %s: mounted at %s', (originalUrl, path, mount) => {
  expect(mountOf({ originalUrl, path })).toBe(mount);
});

describe('the route of an app at a mount path', () => {
  beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
  afterAll(() => context.disable());

  const SHOP = { mount: '/shops/:shop', mountedAt: '/shops/blue' };
  test.each([
    ['outside of Express', {}, '/api', '/api/orders/:id'],
    ['that Express matches', SHOP, '/shops/blue', '/shops/:shop/orders/:id'],
    ['below that of Express', SHOP, '/shops/blue/v1', '/shops/:shop/v1/orders/:id'],
    ['relative to that of Express', SHOP, '/v1', '/shops/:shop/v1/orders/:id'],
    ['that only starts alike', SHOP, '/shops/blues', '/shops/:shop/shops/blues/orders/:id'],
    ['the same in both', { mount: '/api', mountedAt: '/api' }, '/api', '/api/orders/:id'],
    ['one of a list', { mount: '/a,/b', mountedAt: '/b' }, '/b', '/a,/b/orders/:id'],
  ])('%s', (_what, express, mount, route) => {
    const span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
    const metadata: RouteMetadata = { type: RPCType.HTTP, span, ...express };
    context.with(setRPCMetadata(ROOT_CONTEXT, metadata), () => {
      expect(noteMountedRoute(mount, '/orders/:id')).toBe(route);
    });
    expect(metadata.route).toBe(route);
  });
});
