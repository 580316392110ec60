import { afterEach, expect, test, vi } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { api } from '../../src/doctor/checks/api.ts';
import { tcp } from '../../src/doctor/checks/tcp.ts';
import { udp } from '../../src/doctor/checks/udp.ts';
import type { ApiFacts, Facts } from '../../src/doctor/facts.ts';
import { tryApi } from '../../src/doctor/gather/api.ts';
import { startRecordingXRay, xrayError } from '../support/recording-xray.ts';

afterEach(() => vi.unstubAllEnvs());

const endpoint = { host: '127.0.0.1', port: 2000 };

/** The facts of a machine without a daemon. */
function facts(given: ApiFacts | undefined): Facts {
  return {
    config: { daemonFrom: 'default' },
    network: {
      udp: { endpoint, outcome: 'refused' },
      tcp: { endpoint, outcome: 'refused' },
      api: given,
      elsewhere: [],
    },
  } as unknown as Facts;
}

test.for([
  { given: undefined, found: ['udp fail no-daemon', 'tcp info'] },
  {
    given: { mode: 'api', outcome: 'answered', text: 'region x' },
    found: ['udp info', 'tcp info', 'api ok'],
  },
  {
    given: { mode: 'auto', outcome: 'answered', text: 'region x' },
    found: ['udp info', 'tcp info', 'api ok'],
  },
  {
    given: { mode: 'auto', outcome: 'package-missing', text: 'x' },
    found: ['udp fail no-daemon', 'tcp info', 'api info'],
  },
  {
    given: { mode: 'api', outcome: 'package-missing', text: 'x' },
    found: ['udp info', 'tcp info', 'api fail package-missing'],
  },
  {
    given: { mode: 'api', outcome: 'denied', text: 'x' },
    found: ['udp info', 'tcp info', 'api fail no-rights'],
  },
  {
    given: { mode: 'api', outcome: 'failed', text: 'x' },
    found: ['udp info', 'tcp info', 'api fail not-reachable'],
  },
] as const)('no daemon, API $given.mode $given.outcome', ({ given, found }) => {
  const findings = [udp, tcp, api].flatMap(({ name, find }) =>
    [find(facts(given))].flat().map(({ level, cause }) => `${name} ${level} ${cause ?? ''}`.trim()),
  );
  expect(findings).toEqual(found);
});

test.for([
  {
    rule: 'the rules are read',
    answer: { body: { SamplingRuleRecords: [] } },
    outcome: 'answered',
    text: 'region eu-west-1',
  },
  {
    rule: 'the request is denied',
    answer: xrayError(403, 'AccessDeniedException'),
    outcome: 'denied',
    text: 'AccessDeniedException',
  },
  {
    rule: 'X-Ray fails',
    answer: xrayError(500, 'InternalFailure'),
    outcome: 'failed',
    text: 'InternalFailure',
  },
] as const)('request to the X-Ray API: $rule', async ({ answer, outcome, text }) => {
  await using xray = await startRecordingXRay(() => answer);
  vi.stubEnv('AWS_ENDPOINT_URL_XRAY', xray.url);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
  expect(await tryApi('api', root)).toEqual({ mode: 'api', outcome, text });
});

test('a missing AWS client package is reported', async () => {
  expect(await tryApi('api', '/')).toMatchObject({ outcome: 'package-missing' });
});
