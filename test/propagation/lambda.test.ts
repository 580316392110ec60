import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, defaultTextMapGetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, test } from 'vitest';
import { lambdaTraceHeader, xrayLambdaPropagator } from '../../src/propagation/lambda.ts';
import { isDeferred, isRootOnly } from '../../src/propagation/span-context-flags.ts';
import { outgoingHeader } from '../../src/propagation/xray.ts';
import { CASES } from '../support/sampling-cases.ts';

type Globals = { awslambda?: unknown };
afterEach(() => {
  delete (globalThis as Globals).awslambda;
});

interface LambdaCase {
  readonly id: string;
  readonly env?: string;
  readonly invokeStore?: string | null;
  readonly handlerContext?: unknown;
  readonly AWS_LAMBDA_MAX_CONCURRENCY?: string;
  readonly AWS_LAMBDA_FUNCTION_NAME?: null;
  readonly event?: { readonly headers: Record<string, string> };
  readonly expected: unknown;
}

/** The environment, globals and carrier a case describes. */
function surroundings(row: LambdaCase) {
  const env = {
    _X_AMZN_TRACE_ID: row.env,
    AWS_LAMBDA_FUNCTION_NAME: row.AWS_LAMBDA_FUNCTION_NAME === null ? undefined : 'f',
    AWS_LAMBDA_MAX_CONCURRENCY: row.AWS_LAMBDA_MAX_CONCURRENCY,
  };
  const globals =
    row.invokeStore === undefined
      ? {}
      : { awslambda: { InvokeStore: { getXRayTraceId: () => row.invokeStore } } };
  return { env, globals, carrier: Object.freeze({ ...row.event?.headers }) };
}

const simple = (CASES.lambda as unknown as readonly LambdaCase[]).filter(
  ({ expected }) =>
    expected === null || (typeof expected === 'object' && 'traceId' in (expected as object)),
);

describe('cases of the specification', () => {
  test.for(simple)('$id', (row) => {
    const { env, globals, carrier } = surroundings(row);
    const propagator = xrayLambdaPropagator(env, {
      ambientHeader: () => lambdaTraceHeader({ env, globals, handlerContext: row.handlerContext }),
    });
    const found = trace.getSpanContext(
      propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter),
    );
    expect(
      found === undefined
        ? null
        : {
            traceId: found.traceId,
            parentId: found.spanId,
            sampled: (found.traceFlags & 1) === 1,
            deferred: isDeferred(found),
            rootOnly: isRootOnly(found),
          },
    ).toEqual(row.expected);
  });
});

const rootOf = (digit: string) =>
  `Root=1-${digit.repeat(8)}-${digit.repeat(24)};Parent=${digit.repeat(16)};Sampled=1`;

test('lambda.5: two concurrent invocations keep their own trace across an await', async () => {
  const store = new AsyncLocalStorage<string>();
  (globalThis as Globals).awslambda = { InvokeStore: { getXRayTraceId: () => store.getStore() } };
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', AWS_LAMBDA_MAX_CONCURRENCY: '2' };
  const propagator = xrayLambdaPropagator(env);
  const invocation = (digit: string) =>
    store.run(rootOf(digit), async () => {
      await Promise.resolve();
      const active = propagator.extract(ROOT_CONTEXT, {}, defaultTextMapGetter);
      return trace.getSpanContext(active)?.spanId;
    });
  expect(await Promise.all([invocation('1'), invocation('2')])).toEqual([
    '1'.repeat(16),
    '2'.repeat(16),
  ]);
});

test('lambda.6: pass-through sends Root and Lineage on', () => {
  const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a87bd80c:0';
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: header };
  const active = xrayLambdaPropagator(env).extract(ROOT_CONTEXT, {}, defaultTextMapGetter);
  expect(outgoingHeader(active)).toBe(header);
});

test('lambda.8: reads a frozen event', () => {
  const headers = Object.freeze({ 'X-Amzn-Trace-Id': rootOf('3') });
  const active = xrayLambdaPropagator({}).extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  expect(trace.getSpanContext(active)?.spanId).toBe('3'.repeat(16));
});

test.for([
  {
    rule: 'a store that throws outside an invocation',
    awslambda: {
      InvokeStore: {
        getXRayTraceId: () => {
          throw new Error('no context');
        },
      },
    },
  },
  { rule: 'a store without the method', awslambda: { InvokeStore: {} } },
  {
    rule: 'a store that returns a number',
    awslambda: { InvokeStore: { getXRayTraceId: () => 7 } },
  },
])('$rule: only concurrent invocations ignore the environment', ({ awslambda }) => {
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: rootOf('4') };
  const concurrent = { ...env, AWS_LAMBDA_MAX_CONCURRENCY: '' };
  const globals = { awslambda };
  expect(lambdaTraceHeader({ env, globals })).toBe(rootOf('4'));
  expect(lambdaTraceHeader({ env: concurrent, globals })).toBeUndefined();
});

describe('xray-lambda', () => {
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: rootOf('6') };
  const extracted = (context: Context, carrier: Record<string, string>): string | undefined =>
    trace.getSpanContext(xrayLambdaPropagator(env).extract(context, carrier, defaultTextMapGetter))
      ?.spanId;

  test.for([
    { rule: 'a header without a valid Root', carrier: { 'x-amzn-trace-id': 'Root=1-0' } },
    { rule: 'no header', carrier: {} },
  ])('$rule: the invocation is the parent', ({ carrier }) => {
    expect(extracted(ROOT_CONTEXT, carrier as Record<string, string>)).toBe('6'.repeat(16));
  });

  test('each message of a batch keeps its own parent', () => {
    const parents = ['7', '8'].map((n) =>
      extracted(ROOT_CONTEXT, { 'x-amzn-trace-id': rootOf(n) }),
    );
    expect(parents).toEqual(['7'.repeat(16), '8'.repeat(16)]);
  });

  test('a context with a span stays unchanged', () => {
    const parent = { traceId: '9'.repeat(32), spanId: '9'.repeat(16), traceFlags: 1 };
    expect(extracted(trace.setSpanContext(ROOT_CONTEXT, parent), {})).toBe('9'.repeat(16));
  });
});

test('without an invoke store the environment variable is used', () => {
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: rootOf('5') };
  expect(lambdaTraceHeader({ env, globals: { awslambda: {} } })).toBe(rootOf('5'));
});
