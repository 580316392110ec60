import { expect, test } from 'vitest';
import type { Client } from '../../src/sampler/client.ts';
import { readRulesPage, readTargets } from '../../src/sampler/protocol.ts';
import { openXRayApi } from '../../src/xray-api/client.ts';
import { apiSamplingClient, daemonOrApiClient } from '../../src/xray-api/sampling-client.ts';
import { startWithClient } from '../support/local-xray.ts';
import { startRecordingXRay, xrayError } from '../support/recording-xray.ts';

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const clientOf = (endpoint: string) =>
  apiSamplingClient(
    () => openXRayApi({ clientConfig: { endpoint, region: 'eu-west-1', credentials } }),
    () => 1_763_600_000_000,
  );

test('reads rules and targets from X-Ray in the form of the daemon’s proxy', async () => {
  await using local = await startWithClient();
  await local.client.createSamplingRule({
    SamplingRule: {
      RuleName: 'orders',
      ResourceARN: '*',
      Priority: 10,
      FixedRate: 0.25,
      ReservoirSize: 5,
      ServiceName: '*',
      ServiceType: '*',
      Host: '*',
      HTTPMethod: 'GET',
      URLPath: '/orders/*',
      Version: 1,
    },
  });
  const client = clientOf(local.xray.url);
  const { status, body } = await client.post('/GetSamplingRules', '{}', 5_000);
  const page = readRulesPage(body);
  expect({ status, problems: page.problems }).toEqual({ status: 200, problems: [] });
  expect(page.rules.map(({ RuleName }) => RuleName)).toContain('orders');
  expect(page.modifiedSeconds).toBeGreaterThan(1_700_000_000);
  const report = {
    SamplingStatisticsDocuments: [
      {
        ClientID: '0123456789abcdef01234567',
        RuleName: 'orders',
        Timestamp: Math.floor(Date.now() / 1_000),
        RequestCount: 10,
        SampledCount: 2,
        BorrowCount: 0,
      },
    ],
  };
  const reply = await client.post('/SamplingTargets', JSON.stringify(report), 5_000);
  expect(readTargets(reply.body).targets).toMatchObject([{ ruleName: 'orders', fixedRate: 0.25 }]);
});

test('a denied call says which permissions it needs', async () => {
  await using xray = await startRecordingXRay(() => xrayError(403, 'AccessDeniedException'));
  await expect(clientOf(xray.url).post('/GetSamplingRules', '{}', 5_000)).rejects.toThrow(
    'AccessDeniedException; allow xray:GetSamplingRules and xray:GetSamplingTargets',
  );
});

const answering = (text: string): Client => ({
  post: async () => ({
    status: 200,
    body: text,
    time: { serverSeconds: undefined, localSeconds: 0 },
  }),
  close: () => {},
});
const failing = (code: string): Client => ({
  post: () => Promise.reject(Object.assign(new Error(code), { code })),
  close: () => {},
});

test.for([
  {
    rule: 'the daemon answers',
    daemon: answering('daemon'),
    api: answering('api'),
    body: 'daemon',
  },
  { rule: 'nothing listens', daemon: failing('ECONNREFUSED'), api: answering('api'), body: 'api' },
])('auto: $rule', async ({ daemon, api, body }) => {
  const client = daemonOrApiClient(daemon, api);
  expect((await client.post('/GetSamplingRules', '{}', 1_000)).body).toBe(body);
});

test.for([
  {
    rule: 'the daemon is slow',
    daemon: failing('ETIMEDOUT'),
    api: answering('api'),
    message: 'ETIMEDOUT',
  },
  {
    rule: 'both fail',
    daemon: failing('ECONNREFUSED'),
    api: failing('EPERM'),
    message: 'ECONNREFUSED',
  },
])('auto: the daemon’s error stays if $rule', async ({ daemon, api, message }) => {
  const client = daemonOrApiClient(daemon, api);
  await expect(client.post('/GetSamplingRules', '{}', 1_000)).rejects.toThrow(message);
});
