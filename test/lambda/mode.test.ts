import { expect, test } from 'vitest';
import { delayBeforeDeadline } from '../../src/lambda/deadline.ts';
import { lambdaDeps } from '../../src/lambda/index.ts';
import { lambdaMode } from '../../src/lambda/mode.ts';

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
    },
  },
  {
    rule: 'managed instances run several invocations at once',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_LAMBDA_MAX_CONCURRENCY: '10',
    },
    mode: { functionName: 'f', taskRoot: '/var/task', handler: undefined, multiConcurrent: true },
  },
  {
    rule: 'sam local does not count',
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LAMBDA_TASK_ROOT: '/var/task',
      AWS_SAM_LOCAL: 'true',
    },
    mode: undefined,
  },
  {
    rule: 'a function name alone does not count',
    env: { AWS_LAMBDA_FUNCTION_NAME: 'f' },
    mode: undefined,
  },
  { rule: 'outside Lambda', env: {}, mode: undefined },
])('$rule', ({ env, mode }) => {
  expect(lambdaMode(env)).toEqual(mode);
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
