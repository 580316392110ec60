// Stands in for Lambda's runtime: loads the function, waits for a turn as if for its first request,
// calls it once. Prints one JSON line; its argument is the clock when the process was started.
const { join } = require('node:path');
const spawned = BigInt(process.argv[2]);
const { handler } = require(join(process.env.LAMBDA_TASK_ROOT, 'index.cjs'));
const traced = globalThis.xrayLambda ? globalThis.xrayLambda(handler) : handler;

const ROOT = 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1';
const event = { version: '2.0', routeKey: 'GET /orders/17', rawPath: '/orders/17', headers: {} };
const context = {
  awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
  getRemainingTimeInMillis: () => 3_000,
};
const milliseconds = (nanoseconds) => Number(nanoseconds) / 1e6;

setTimeout(async () => {
  process.env._X_AMZN_TRACE_ID = ROOT;
  await traced(event, context);
  const answered = process.hrtime.bigint();
  const entered = milliseconds(globalThis.entered - spawned);
  const flush = milliseconds(answered - globalThis.left);
  process.stdout.write(`${JSON.stringify({ entered, flush })}\n`);
  // What the X-Ray SDK has sent is still on its way through the event loop.
  setTimeout(() => process.exit(), 20);
});
