import { describe, expect, test } from 'vitest';
import { type Tree, traceTrees } from '../../src/compare/trace-tree.ts';
import { headerNow } from '../support/lambda.ts';
import { hasRuntimeClient, startFunction } from '../support/lambda-function.ts';

/** Documents of each handler with the X-Ray SDK; the flag adds one, the handler's own subsegment. */
const HANDLERS: Readonly<Record<string, number>> = {
  'orders-xray-sdk.dynamodb': 2,
  'orders-xray-sdk.captured': 2,
  'orders-xray-sdk.queue': 1,
  'orders-xray-sdk.failing': 1,
  'orders-xray-sdk.middleware': 2,
};

/** The endpoint in the function’s own process is not part of the function. */
const ENV = { OTEL_XRAY_IGNORE_PATHS: '/', AWS_XRAY_LOG_LEVEL: 'silent' };

interface Outcome {
  readonly answer: string;
  readonly traces: readonly Tree[];
}

async function invoke(
  handler: string,
  documents: number,
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  await using fn = await startFunction({ handler, env: { ...ENV, ...env } });
  const { body } = await fn.api.invoke({ event: {}, trace: headerNow(1) });
  await fn.daemon.received(documents);
  return { answer: body, traces: traceTrees(fn.daemon.flat()) };
}

describe.runIf(hasRuntimeClient())('a Lambda function with the X-Ray SDK', () => {
  test.for(Object.entries(HANDLERS))(
    '%s has the same trace below our subsegment of the handler',
    async ([handler, documents]) => {
      const sdk = await invoke(handler, documents, { NODE_OPTIONS: '' });
      const facade = await invoke(handler, documents + 1, {});
      expect(facade.answer).toBe(sdk.answer);
      expect(facade.traces.map(({ name }) => name)).toEqual(['checkout']);
      expect(facade.traces[0]?.children).toEqual(sdk.traces);
    },
  );
});
