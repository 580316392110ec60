import { expect, test } from 'vitest';
import { delayBeforeDeadline } from '../../src/lambda/deadline.ts';
import { lambdaDeps } from '../../src/lambda/index.ts';
import { lambdaMode } from '../../src/lambda/mode.ts';

const MODE = {
  functionName: 'f',
  taskRoot: '/var/task',
  handler: undefined,
  multiConcurrent: false,
  isEmulated: false,
};

test.for([
  {
    rule: 'function name and task root identify a Lambda function',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'checkout',
      LAMBDA_TASK_ROOT: '/var/task',
      _HANDLER: 'src/app.handler',
    },
    mode: {
      functionName: 'checkout',
      taskRoot: '/var/task',
      handler: 'src/app.handler',
      multiConcurrent: false,
      isEmulated: false,
    },
  },
  {
    rule: 'managed instances run several invocations at once',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_LAMBDA_MAX_CONCURRENCY: '10',
    },
    mode: { ...MODE, multiConcurrent: true },
  },
  {
    rule: 'sam local is an emulator',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_SAM_LOCAL: 'true',
    },
    mode: { ...MODE, isEmulated: true },
  },
  {
    rule: 'serverless-offline is an emulator, which names a folder of Lambda',
    env: { AWS_LAMBDA_FUNCTION_NAME: 'f', LAMBDA_TASK_ROOT: '/var/task', IS_OFFLINE: 'true' },
    mode: { ...MODE, taskRoot: '/code', isEmulated: true },
  },
  {
    rule: 'a variable of serverless-offline in Lambda itself has no effect',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      IS_OFFLINE: 'true',
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    },
    mode: MODE,
  },
  {
    rule: 'the Runtime Interface Emulator is an emulator',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'test_function',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/Functions',
      LAMBDA_TASK_ROOT: '/var/task',
    },
    mode: { ...MODE, functionName: 'test_function', isEmulated: true },
  },
  {
    rule: 'a function that logs to the group of the Runtime Interface Emulator is none',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/Functions',
      LAMBDA_TASK_ROOT: '/var/task',
    },
    mode: MODE,
  },
  {
    rule: 'a function name alone does not count',
    env: { AWS_LAMBDA_FUNCTION_NAME: 'f' },
    mode: undefined,
  },
  { rule: 'outside Lambda', env: {}, mode: undefined },
])('$rule', ({ env, mode }) => {
  expect(lambdaMode(env, () => '/code')).toEqual(mode);
});

test.for([
  { remaining: 3_000, delay: 2_700 },
  { remaining: 900_000, delay: 899_000 },
  { remaining: 200, delay: 150 },
  { remaining: 50, delay: undefined },
  { remaining: -5, delay: undefined },
  { remaining: Number.NaN, delay: undefined },
  { remaining: Number.POSITIVE_INFINITY, delay: 2_147_483_647 },
  { remaining: undefined, delay: undefined },
  { remaining: '3000', delay: undefined },
])('$remaining ms before the end, in-progress documents leave after $delay', (row) => {
  expect(delayBeforeDeadline(row.remaining)).toBe(row.delay);
});

test.for([
  { rule: 'the first invocation is cold', env: {}, ageMs: 300, cold: [true, false] },
  {
    rule: 'a process started long before its first invocation is not cold',
    env: {},
    ageMs: 60_000,
    cold: [false, false],
  },
  {
    rule: 'provisioned concurrency is not cold',
    env: { AWS_LAMBDA_INITIALIZATION_TYPE: 'provisioned-concurrency' },
    ageMs: 300,
    cold: [false, false],
  },
])('cold start: $rule', ({ env, ageMs, cold }) => {
  const deps = lambdaDeps(env, () => ageMs);
  expect([deps.takeColdStart(), deps.takeColdStart()]).toEqual(cold);
});
