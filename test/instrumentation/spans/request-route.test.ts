import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { describe, expect, test } from 'vitest';
import {
  clearServerRoute,
  isCatchAll,
  type RouteMetadata,
  setPageRoute,
  setRoute,
} from '../../../src/instrumentation/spans/request-route.ts';

type Step = readonly ['router' | 'page' | 'no page', route?: unknown];

const FRAMEWORKS = { router: setRoute, page: setPageRoute, 'no page': clearServerRoute };

function newMetadata(): RPCMetadata {
  const span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
  return { type: RPCType.HTTP, span };
}

/** Returns the route of a request after the steps of the frameworks that handle it. */
function routeAfter(steps: readonly Step[]): string | undefined {
  const metadata = newMetadata();
  const inside = setRPCMetadata(ROOT_CONTEXT, metadata);
  for (const [by, route] of steps) FRAMEWORKS[by](inside, route);
  return metadata.route;
}

describe('the route of a request', () => {
  const STEPS: readonly (readonly [string, readonly Step[], route: string | undefined])[] = [
    ['of a router', [['router', '/orders/:id']], '/orders/:id'],
    ['that is a regular expression', [['router', '/^\\/orders/']], '/^\\/orders/'],
    [
      'of a router replaces that of the router around it',
      [
        ['router', '/api/*path'],
        ['router', '/api/orders'],
      ],
      '/api/orders',
    ],
    [
      'of a router replaces that of a page around it',
      [
        ['page', '/api/[...path]'],
        ['router', '/api/orders'],
      ],
      '/api/orders',
    ],
    [
      'of a page replaces that of the server around it',
      [
        ['router', '/shop/:rest'],
        ['page', '/shop/[id]'],
      ],
      '/shop/[id]',
    ],
    [
      'is that of the first page',
      [
        ['page', '/shop/[id]'],
        ['page', '/api/stock'],
      ],
      '/shop/[id]',
    ],
    [
      'stays where a router matches everything',
      [
        ['router', '/orders'],
        ['router', '/*'],
        ['router', undefined],
      ],
      '/orders',
    ],
    [
      'is not that of a page for errors',
      [
        ['page', '/404'],
        ['page', '/500/'],
        ['page', 'unknown'],
      ],
      undefined,
    ],
    ['is absent where no page matches', [['router', '/shop/:rest'], ['no page']], undefined],
    ['stays that of its page', [['page', '/shop/[id]'], ['no page']], '/shop/[id]'],
  ];

  test.each(STEPS)('%s', (_what, steps, route) => {
    expect(routeAfter(steps)).toBe(route);
  });

  test.each([
    ['/users/:id', '/api/v1/users/:id'],
    ['users/:id', '/api/v1/users/:id'],
    ['/', '/api/v1'],
    ['/api/v1', '/api/v1'],
    ['/api/v1/users/:id', '/api/v1/users/:id'],
    ['/api/v10', '/api/v1/api/v10'],
    ['/**', undefined],
  ])('of a router that Express mounts at /api/v1: %s is %s', (route, expected) => {
    const metadata: RouteMetadata = { ...newMetadata(), mount: '/api/v1' };
    expect(setRoute(setRPCMetadata(ROOT_CONTEXT, metadata), route)).toBe(expected);
    expect(metadata.route).toBe(expected);
  });

  test('needs a request', () => {
    expect(() => setRoute(ROOT_CONTEXT, '/orders')).not.toThrow();
    expect(() => setPageRoute(ROOT_CONTEXT, '/orders')).not.toThrow();
  });
});

test.each([
  ['*', true],
  ['/*', true],
  ['/**', true],
  ['(.*)', true],
  ['/{*any}', true],
  ['/*any', true],
  ['/', false],
  ['/shop/*', false],
  [undefined, false],
])('%s matches all requests: %s', (path, expected) => {
  expect(isCatchAll(path)).toBe(expected);
});
