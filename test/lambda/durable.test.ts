import { once } from 'node:events';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { wrapWith } from '../../src/lambda/wrap.ts';
import {
  type DurableContext,
  type Execution,
  LocalDurableTestRunner,
  withDurableExecution,
} from '../support/durable.mjs';
import {
  type LambdaTracing,
  lambdaDeps,
  PARENT,
  startLambdaTracing,
  TRACE,
} from '../support/lambda.ts';

let tracing: LambdaTracing;
beforeAll(async () => {
  tracing = startLambdaTracing();
  await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
});
afterEach(() => tracing.reset());
afterAll(async () => {
  await LocalDurableTestRunner.teardownTestEnvironment();
  await tracing.close();
});

const tracer = trace.getTracer('test');

/**
 * Runs an execution in AWS's own test runner: one invocation for each replay. The callback `approved`
 * is answered when the first invocation has ended.
 */
async function execute(run: (context: DurableContext) => Promise<unknown>): Promise<Execution> {
  const handler = withDurableExecution((_event, context) => run(context));
  const runner = new LocalDurableTestRunner({ handlerFunction: wrapWith(handler, lambdaDeps()) });
  const suspended = once(tracing.events, 'flush');
  const execution = runner.run({ payload: {} });
  const approval = suspended.then(() => runner.getOperation('approved').sendCallbackSuccess('yes'));
  const [result] = await Promise.all([execution, approval.catch(() => {})]);
  return result;
}

const approved = (context: DurableContext): Promise<unknown> =>
  context.waitForCallback('approved', async () => {});

/** Each span with the name of its parent, in the order of their ends. */
function tree(): readonly string[] {
  const spans = tracing.spans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  names.set(PARENT, 'Lambda');
  return spans.map(
    ({ name, parentSpanContext }) => `${name} < ${names.get(parentSpanContext?.spanId ?? '')}`,
  );
}

const FUNCTION = 'my-function-name';

test('an execution is one trace over its replays; finished steps are not repeated', async () => {
  const execution = await execute(async (context) => {
    const user = await context.step('load', async () => {
      tracer.startSpan('query').end();
      return 'Ann';
    });
    await approved(context);
    await context.step('ship', async () => tracer.startSpan('ship').end());
    return user;
  });
  expect([execution.getStatus(), execution.getResult()]).toEqual(['SUCCEEDED', 'Ann']);
  expect(tree()).toEqual([
    `query < ${FUNCTION}`,
    `${FUNCTION} < Lambda`,
    `ship < ${FUNCTION}`,
    `${FUNCTION} < Lambda`,
  ]);
  expect(new Set(tracing.spans().map((span) => span.spanContext().traceId))).toEqual(
    new Set([TRACE]),
  );
  const arns = tracing
    .spans()
    .filter(({ name }) => name === FUNCTION)
    .map(({ attributes }) => attributes['aws.lambda.durable_execution.arn']);
  expect(new Set(arns).size).toBe(1);
  expect(arns[0]).toBeTypeOf('string');
});

test('spans that are open when an execution waits end with the invocation', async () => {
  await execute(async (context) => {
    await tracer.startActiveSpan('order', async (order) => {
      await tracer.startActiveSpan('payment', async (payment) => {
        await approved(context);
        payment.end();
      });
      order.end();
    });
  });
  const invocation = [`payment < order`, `order < ${FUNCTION}`, `${FUNCTION} < Lambda`];
  expect(tree()).toEqual([...invocation, ...invocation]);
});

test('an execution that fails is a fault with its error', async () => {
  const execution = await execute(async () => {
    throw new RangeError('sold out');
  });
  expect(execution.getStatus()).toBe('FAILED');
  const { status, events } = tracing.span(FUNCTION);
  expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'sold out' });
  expect(events[0]?.attributes).toMatchObject({
    'exception.type': 'RangeError',
    'exception.message': 'sold out',
  });
});
