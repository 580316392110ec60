import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AWS_CALLS, checkAwsCalls } from '../harmless/aws-calls.ts';
import { type AwsEndpoint, startAwsEndpoint } from '../harmless/aws-endpoint.ts';
import { compare } from '../harmless/compare.ts';
import { CRASHES, checkCrash } from '../harmless/crashes.ts';
import { checkDeadPipes, DEAD_PIPES } from '../harmless/dead-pipes.ts';
import { PROGRAMS, SETTINGS } from '../harmless/programs.ts';
import { installedNode, NODES } from '../support/nodes.ts';

describe.for(NODES)('Node %s', (version) => {
  let program: string;
  let endpoint: AwsEndpoint;

  beforeAll(async () => {
    [program, endpoint] = await Promise.all([installedNode(version), startAwsEndpoint()]);
  });
  afterAll(() => endpoint?.[Symbol.asyncDispose]());

  test.for(PROGRAMS.filter(({ from = 0 }) => Number.parseInt(version, 10) >= from))(
    '$what: as without otel-xray',
    async ({ args, env, node, before, maxMessages = 6 }) => {
      const options = { env: { ...SETTINGS, ...env }, node, before, program };
      const { without, with: traced, messages } = await compare(args, options);
      expect(traced).toEqual(without);
      expect(messages.length).toBeLessThanOrEqual(maxMessages);
    },
  );

  test.for(CRASHES)('an error thrown %s prints what it prints without otel-xray', (way) =>
    checkCrash(way, program),
  );

  test.for(DEAD_PIPES)('$what, while nobody reads $deadPipes: the app goes on', (row) =>
    checkDeadPipes(row, program),
  );

  test.for(AWS_CALLS)('AWS calls, $way, $sampler: as without otel-xray', (row) =>
    checkAwsCalls(endpoint, row, program),
  );
});
