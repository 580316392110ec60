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

test.each([
  ...['authorization', 'proxy-authorization', 'x-forwarded-authorization', 'set-cookie', 'dpop'],
  ...['x-api-key', 'api-key', 'x-functions-key', 'ocp-apim-subscription-key', 'x-access-key'],
  ...['x-amz-security-token', 'x-vault-token', 'private-token', 'x-csrftoken', 'x-auth-token'],
  ...['x-session-id', 'stripe-signature', 'x-hub-signature-256', 'x-goog-iap-jwt-assertion'],
])('the header %s has credentials', (name) => {
  using logged = collectMessages();
  expect(capturedHeaders({ ...NONE, clientRequestHeaders: [name] })).toBeUndefined();
  expect(logged.warnings).toHaveLength(1);
});

test.each([
  ...['x-request-id', 'idempotency-key', 'x-cache-key', 'sec-websocket-key', 'x-amzn-trace-id'],
  ...['x-ms-continuation-token', 'x-author', 'content-signature-input', 'cookie-policy'],
])('the header %s has none', (name) => {
  const headers = capturedHeaders({ ...NONE, serverResponseHeaders: [name] });
  expect(headers?.server.responseHeaders).toEqual([name]);
});
