import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  type Attempts,
  tracedAttempt,
  withAttempts,
} from '../../../src/instrumentation/aws/aws-attempts.ts';

const HEADER = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1';
const INVOCATION = HEADER.replace('70de5b6f19ff9a0a', '53995c3f42cd8ad8');
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host;x-amz-date, Signature=b';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => context.disable());

class HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object = {};
  constructor(headers: Readonly<Record<string, string>>) {
    this.headers = headers;
  }
}

/** The request that is sent of one made with these headers. */
async function sent(
  headers: Readonly<Record<string, string>>,
  header: string | undefined = HEADER,
) {
  const attempts: Attempts = { header, count: 0, contentLength: undefined };
  const request = Object.freeze(new HttpRequest(Object.freeze({ ...headers })));
  const requests: HttpRequest[] = [];
  const send = tracedAttempt(async (args) => {
    requests.push((args as { request: HttpRequest }).request);
    return { response: { headers: { 'content-length': '12' } } };
  });
  await context.with(
    withAttempts(ROOT_CONTEXT, attempts),
    () => send({ request }) as Promise<unknown>,
  );
  return { attempts, request, sent: requests[0] };
}

test('a request gets the header; the original stays', async () => {
  const { attempts, request, sent: copy } = await sent({ authorization: AUTHORIZATION });
  expect(copy?.headers).toEqual({ authorization: AUTHORIZATION, 'X-Amzn-Trace-Id': HEADER });
  expect(request.headers).toEqual({ authorization: AUTHORIZATION });
  expect(copy).toBeInstanceOf(HttpRequest);
  expect(copy?.body).toBe(request.body);
  expect(attempts).toEqual({ header: HEADER, count: 1, contentLength: 12 });
});

test.for([
  { rule: 'of the app', headers: { 'x-amzn-trace-id': 'Root=own' } },
  {
    rule: 'that is signed',
    headers: {
      authorization: AUTHORIZATION.replace('host;', 'host;x-amzn-trace-id;'),
      'X-Amzn-Trace-Id': INVOCATION,
    },
  },
])('a header $rule is not changed', async ({ headers }) => {
  vi.stubEnv('_X_AMZN_TRACE_ID', INVOCATION);
  const { request, sent: same } = await sent(headers as unknown as Record<string, string>);
  expect(same).toBe(request);
});

test.for(['X-Amzn-Trace-Id', 'x-amzn-trace-id'])('%s of the AWS SDK is replaced', async (name) => {
  vi.stubEnv('_X_AMZN_TRACE_ID', INVOCATION);
  const { sent: copy } = await sent({ [name]: INVOCATION });
  expect(copy?.headers).toEqual({ 'X-Amzn-Trace-Id': HEADER });
});

test.for([
  { rule: 'a call that is not traced', isTraced: false },
  { rule: 'a call without a header', isTraced: true },
])('$rule sends the request unchanged', async ({ isTraced }) => {
  const request = new HttpRequest({});
  const seen: unknown[] = [];
  const send = tracedAttempt(async (args) => {
    seen.push((args as { request: unknown }).request);
  });
  const attempts: Attempts = { header: undefined, count: 0, contentLength: undefined };
  const where = isTraced ? withAttempts(ROOT_CONTEXT, attempts) : ROOT_CONTEXT;
  await context.with(where, () => send({ request }) as Promise<unknown>);
  expect(seen).toEqual([request]);
  expect(seen[0]).toBe(request);
});

test.for([
  { args: undefined },
  { args: {} },
  { args: { request: null } },
  { args: { request: {} } },
])('arguments of another form are passed on: $args', async ({ args }) => {
  const attempts: Attempts = { header: HEADER, count: 0, contentLength: undefined };
  const send = tracedAttempt(async (given) => given);
  const result = context.with(withAttempts(ROOT_CONTEXT, attempts), () => send(args));
  expect(await result).toBe(args);
});
