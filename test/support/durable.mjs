export { withDurableExecution } from '@aws/durable-execution-sdk-js';
export { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
