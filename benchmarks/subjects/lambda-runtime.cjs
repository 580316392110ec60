// Stands in for Lambda's runtime: loads the function, waits for a turn as if for its first request,
// calls it. Prints one JSON line in milliseconds; its arguments are the clock when the process was
// started, and the number of invocations. The clock is the same in all processes of the machine.
const { join } = require('node:path');
const { setTimeout: passed } = require('node:timers/promises');
const spawned = BigInt(process.argv[2]);
const invocations = Number(process.argv[3]);
const { handler } = require(join(process.env.LAMBDA_TASK_ROOT, 'index.cjs'));
const traced = globalThis.xrayLambda ? globalThis.xrayLambda(handler) : handler;

const FIRST_ID = 0xabcdef012345678n;
const event = { version: '2.0', routeKey: 'GET /orders/17', rawPath: '/orders/17', headers: {} };
const context = {
  awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
  getRemainingTimeInMillis: () => 3_000,
};
const milliseconds = (nanoseconds) => Number(nanoseconds) / 1e6;

/**
 * Milliseconds until the handler runs, from the start of the process and from the call; when the handler ended, and
 * when the response was there.
 */
async function invoke(count, given) {
  const id = (FIRST_ID + BigInt(count)).toString(16).padStart(24, '0');
  process.env._X_AMZN_TRACE_ID = `Root=1-67891233-${id};Parent=53995c3f42cd8ad8;Sampled=1`;
  const called = process.hrtime.bigint();
  await traced(given, context);
  const answered = process.hrtime.bigint();
  return {
    entered: milliseconds(globalThis.entered - spawned),
    before: milliseconds(globalThis.entered - called),
    left: milliseconds(globalThis.left),
    answered: milliseconds(answered),
  };
}

async function invokeWarm() {
  const all = [];
  for (let count = 1; count < invocations; count += 1) {
    all.push(await invoke(count, { ...event, waitMs: 1 }));
    // Between two requests, nothing runs.
    await passed(2);
  }
  return all;
}

setTimeout(async () => {
  const first = await invoke(0, event);
  const warm = await invokeWarm();
  process.stdout.write(`${JSON.stringify({ ...first, warm })}\n`);
  // What the X-Ray SDK has sent is still on its way through the event loop.
  setTimeout(() => process.exit(), 20);
});
