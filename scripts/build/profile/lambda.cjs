// Loads a function and calls it once, as Lambda's runtime does; see eager-functions.ts.
const { join } = require('node:path');
const v8 = require('node:v8');
const functions = require(join(process.env.LAMBDA_TASK_ROOT, 'function.cjs'));
const handler = functions[process.env._HANDLER.split('.')[1]];
const context = {
  awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'profile',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:profile',
  getRemainingTimeInMillis: () => 3_000,
};
setImmediate(async () => {
  process.env._X_AMZN_TRACE_ID =
    'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1';
  await handler(
    { version: '2.0', routeKey: 'GET /orders/17', rawPath: '/orders/17', headers: {} },
    context,
  ).catch(() => {});
  v8.takeCoverage();
  process.exit();
});
