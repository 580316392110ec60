import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import { isOwnCallOfFramework } from '../../src/instrumentation/framework-calls.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
afterAll(() => tracing.close());

const NEXT = '/app/node_modules/next/dist/bin/next';
const ADVISORIES = {
  origin: 'https://registry.example',
  path: '/-/npm/v1/security/advisories/bulk',
};

test.each([
  ['advisories', ADVISORIES, NEXT, true],
  ['a registry of the user', { ...ADVISORIES, origin: 'https://npm.example' }, NEXT, true],
  [
    'latest version',
    { origin: 'https://npm.example', path: '/-/package/next/dist-tags' },
    NEXT,
    true,
  ],
  ['use', { origin: 'https://telemetry.nextjs.org', path: '/api/v1/record' }, NEXT, true],
  [
    'use',
    { origin: 'https://telemetry.astro.build', path: '/v1' },
    '/a/node_modules/astro/astro.js',
    true,
  ],
  ['a call of the app', { origin: 'https://api.example', path: '/orders' }, NEXT, false],
  ['an app that asks for advisories', ADVISORIES, '/app/server.js', false],
  ['no script', ADVISORIES, undefined, false],
])('%s: %o of %s', (_what, request, script, expected) => {
  expect(isOwnCallOfFramework(request, script)).toBe(expected);
});

test('a call in a request is traced', () => {
  const span = trace.getTracer('test').startSpan('GET');
  context.with(trace.setSpan(ROOT_CONTEXT, span), () => {
    expect(isOwnCallOfFramework(ADVISORIES, NEXT)).toBe(false);
  });
  span.end();
});
