import { describe, expect, test } from 'vitest';
import { traceTrees } from '../../src/compare/trace-tree.ts';
import { headerNow } from '../support/lambda.ts';
import {
  hasRuntimeClient,
  type LambdaFunction,
  startFunction,
} from '../support/lambda-function.ts';

/** The trace of one invocation, once so many documents came. */
async function invoke(fn: LambdaFunction, n: number, documents: number): Promise<unknown> {
  const answer = await fn.api.invoke({ event: { id: 'o-7' }, trace: headerNow(n) });
  await fn.daemon.received(documents);
  const [, root] = /Root=([^;]+)/.exec(headerNow(n)) ?? [];
  const own = fn.daemon.flat().filter(({ trace_id }) => trace_id === root);
  return { answer: JSON.parse(answer.body), trace: traceTrees(own) };
}

/** The server in the function’s own process is not part of the function. */
const ENV = { OTEL_XRAY_IGNORE_PATHS: '/stock', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' };

const CALL = {
  name: '127.0.0.1',
  namespace: 'remote',
  http: { method: 'GET', url: 'http://127.0.0.1/stock', status: 200 },
};

describe.runIf(hasRuntimeClient())('Powertools’ Tracer under the flag', () => {
  test.for(['byMiddleware', 'byHand', 'byDecorator'])(
    '%s: its segments hang below ours, and each call is there once',
    async (name) => {
      const handler = `powertools.${name}`;
      await using fn = await startFunction({ handler, env: ENV });
      const handled = (coldStart: boolean): unknown => ({
        answer: { stock: 3 },
        trace: [
          expect.objectContaining({
            name: 'checkout',
            children: [
              {
                name: `## ${handler}`,
                annotations: { ColdStart: coldStart, Service: 'orders', order: 'o-7' },
                metadata: {
                  orders: { event: { id: 'o-7' }, [`${handler} response`]: { stock: 3 } },
                },
                children: [CALL],
              },
            ],
          }),
        ],
      });
      expect(await invoke(fn, 1, 3)).toEqual(handled(true));
      expect(await invoke(fn, 2, 6)).toEqual(handled(false));
      expect(fn.output()).toBe('');
    },
  );

  test.for(['byMiddleware', 'byHand', 'byDecorator', 'fails'])(
    '%s: the same subsegments as with the X-Ray SDK',
    async (name) => {
      const handler = `powertools.${name}`;
      const ofHandler = async (tracing: Record<string, string>): Promise<unknown> => {
        await using fn = await startFunction({ handler, env: { ...ENV, ...tracing } });
        const answer = await fn.api.invoke({ event: { id: 'o-7' }, trace: headerNow(1) });
        const isSent = (daemon: typeof fn.daemon): boolean =>
          daemon.flat().some(({ name: found, end_time: end }) => found === `## ${handler}` && end);
        await fn.daemon.until(isSent);
        // Without the segments above it: Lambda's own segment has no document here.
        const own = fn.daemon
          .flat()
          .map((each) => (each.name.startsWith('##') ? { ...each, parent_id: undefined } : each));
        const trees = traceTrees(own);
        return {
          answer: JSON.parse(answer.body).errorType ?? JSON.parse(answer.body),
          tree: trees.find(({ name: found }) => found === `## ${handler}`),
        };
      };
      const sdk = await ofHandler({ NODE_OPTIONS: '' });
      expect(sdk).toMatchObject({ tree: { name: `## ${handler}` } });
      expect(await ofHandler({})).toEqual(sdk);
    },
  );

  test('a handler that throws', async () => {
    await using fn = await startFunction({ handler: 'powertools.fails' });
    const answer = await fn.api.invoke({ event: {}, trace: headerNow(1) });
    await fn.daemon.received(2);
    expect(JSON.parse(answer.body)).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'sold out',
    });
    const [segment] = traceTrees(fn.daemon.flat());
    expect(segment).toMatchObject({
      name: 'checkout',
      fault: true,
      children: [
        {
          name: '## powertools.fails',
          fault: true,
          exceptions: [{ type: 'RangeError', message: 'sold out' }],
        },
      ],
    });
  });
});
