import { expect, test } from 'vitest';
import { capturedHeaders } from '../../src/start/instrumentation-hooks.ts';
import { collectMessages } from '../support/messages.ts';

const NONE = {
  clientRequestHeaders: [],
  clientResponseHeaders: [],
  serverRequestHeaders: [],
  serverResponseHeaders: [],
};

test('without header names, the instrumentations capture no headers', () => {
  expect(capturedHeaders(NONE)).toBeUndefined();
});

test('each list applies to its direction', () => {
  const headers = capturedHeaders({
    clientRequestHeaders: ['a'],
    clientResponseHeaders: ['b'],
    serverRequestHeaders: ['c'],
    serverResponseHeaders: ['d'],
  });
  expect(headers).toEqual({
    client: { requestHeaders: ['a'], responseHeaders: ['b'] },
    server: { requestHeaders: ['c'], responseHeaders: ['d'] },
  });
});

test('credentials are not recorded, and one warning is logged', () => {
  using logged = collectMessages();
  const names = ['Cookie', 'x-tenant', 'cookie'];
  const headers = capturedHeaders({ ...NONE, serverRequestHeaders: names });
  expect(headers?.server.requestHeaders).toEqual(['x-tenant']);
  expect(logged.warnings).toEqual([
    'otel-xray: the header cookie is not recorded: it contains credentials',
  ]);
});
