import { expect } from 'vitest';
import type { AwsEndpoint, RecordedCall } from './aws-endpoint.ts';
import { compare } from './compare.ts';

const WAYS = [
  'plain',
  'frozen',
  'null prototype',
  'class with getters',
  'proxy',
  'throwing getter',
  'callback',
  'middleware that throws',
  'sent three times',
  'streams',
  'document client',
] as const;
const SAMPLERS = ['always_on', 'always_off'] as const;

export interface AwsCase {
  /** The argument of `aws.mjs`. */
  readonly way: string;
  readonly sampler: string;
}

export const AWS_CALLS: readonly AwsCase[] = WAYS.flatMap((way) =>
  SAMPLERS.map((sampler) => ({ way, sampler })),
);

/** The environment in which `aws.mjs` calls this endpoint. */
export function awsSettings({ url }: AwsEndpoint, sampler: string): Record<string, string> {
  return { AWS_ENDPOINT_URL: url, OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: sampler };
}

/**
 * Checks that an app gets and sends the same as without otel-xray.
 *
 * @param program Node; the current one by default
 */
export async function checkAwsCalls(
  endpoint: AwsEndpoint,
  { way, sampler }: AwsCase,
  program?: string,
): Promise<void> {
  endpoint.take();
  const options = { env: awsSettings(endpoint, sampler), program };
  const { without, with: traced } = await compare(['aws.mjs', way], options);
  expect(without.code).toBe(0);
  expect(traced).toEqual(without);
  const calls = endpoint.take().map(withoutTrace);
  expect(calls.slice(calls.length / 2)).toEqual(calls.slice(0, calls.length / 2));
}

/** What an app sends apart from what carries a trace. */
function withoutTrace({ target, path, body }: RecordedCall): unknown {
  if (!body.startsWith('{'))
    return {
      target,
      path,
      body: body.replace(/&(?:PublishBatch\w+\.member\.\d+\.)?MessageAttributes[^&]*/g, ''),
    };
  const drop = (key: string, value: unknown): unknown =>
    /^(?:Message(?:System)?Attribute(?:s|Names)|TraceHeader|traceHeader)$/.test(key)
      ? undefined
      : value;
  return { target, path, body: JSON.parse(body, drop) };
}
