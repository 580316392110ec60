import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import {
  forwardsRequests,
  isOwnCallOfFramework,
} from '../../../src/instrumentation/frameworks/framework-calls.ts';
import { startTracing } from '../../support/tracing.ts';

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
  [
    'latest version',
    { origin: 'https://npm.example', path: '/astro/latest' },
    '/a/node_modules/astro/bin/astro.mjs',
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
])(
  'whether a call is one of the framework itself: %s, %o of %s',
  (_what, request, script, expected) => {
    expect(isOwnCallOfFramework(request, script)).toBe(expected);
  },
);

test('a call in a request is traced', () => {
  const span = trace.getTracer('test').startSpan('GET');
  context.with(trace.setSpan(ROOT_CONTEXT, span), () => {
    expect(isOwnCallOfFramework(ADVISORIES, NEXT)).toBe(false);
  });
  span.end();
});

test('a call in a span of the framework that is dropped is its own', () => {
  context.with(trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT), () => {
    expect(isOwnCallOfFramework(ADVISORIES, NEXT)).toBe(true);
  });
});

const NUXT = '/app/node_modules/nuxt/bin/nuxt.mjs';

test.each([
  ['nuxt dev', [NUXT, 'dev'], true, true],
  ['nitro dev', ['/app/node_modules/nitro/dist/cli/index.mjs', 'dev', '--port', '0'], true, true],
  ['its child process', ['/app/node_modules/@nuxt/cli/bin/nuxi.mjs', '_dev'], true, true],
  ['the worker of nuxt dev', [NUXT, 'dev'], false, false],
  ['nuxt preview', [NUXT, 'preview'], true, false],
  ['next dev', [NEXT, 'dev'], true, false],
  ['an app with an argument', ['/app/server.js', 'dev'], true, false],
  ['no script', [], true, false],
] as const)(
  'whether a process forwards requests to its workers: %s, %o',
  (_what, args, isMainThread, expected) => {
    expect(forwardsRequests(args, () => isMainThread)).toBe(expected);
  },
);
