import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { isUntraced } from '../../src/untraced.ts';
import { openXRayApi } from '../../src/xray-api/client.ts';
import { startWithClient } from '../support/local-xray.ts';
import { hasPython, runPython } from '../support/python.ts';
import { startRecordingXRay } from '../support/recording-xray.ts';
import { run } from '../support/run.ts';

const FINAL_SEND = new URL('../../src/xray-api/final-send.ts', import.meta.url).href;

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'token',
};
const document = (id: string) =>
  JSON.stringify({
    trace_id: '1-691e66c0-000000000000000000000001',
    id,
    name: 'shop é',
    start_time: 1763600000,
    end_time: 1763600001,
  });

/** Signs the recorded call anew with botocore, and prints the signature. */
const SIGN = `
import json, os
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
call = json.loads(os.environ['CALL'])
fields = dict(part.strip().split('=', 1) for part in call['authorization'].split(' ', 1)[1].split(','))
names = [name for name in fields['SignedHeaders'].split(';') if name not in ('host', 'x-amz-security-token')]
request = AWSRequest('POST', call['url'], data=call['body'].encode(), headers={name: call['headers'][name] for name in names})
request.headers['X-Amz-Security-Token'] = call['token']
request.headers['host'] = call['headers']['host']
request.context['timestamp'] = call['headers']['x-amz-date']
auth = SigV4Auth(Credentials(call['key'], call['secret'], call['token']), 'xray', 'eu-west-1')
print(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))
`;

test.skipIf(!hasPython())('signs calls as botocore does', async () => {
  await using xray = await startRecordingXRay();
  const api = openXRayApi({
    clientConfig: { endpoint: xray.url, region: 'eu-west-1', credentials },
  });
  await api.putTraceSegments([document('0000000000000001')]);
  api.close();
  const { headers, body, path } = xray.calls[0] ?? { headers: {}, body: '', path: '' };
  const authorization = String(headers['authorization']);
  const CALL = JSON.stringify({
    url: xray.url + path,
    headers,
    body,
    authorization,
    key: credentials.accessKeyId,
    secret: credentials.secretAccessKey,
    token: credentials.sessionToken,
  });
  const signature = (await runPython(SIGN, { CALL })).trim();
  expect(signature).toMatch(/^[0-9a-f]{64}$/);
  expect(authorization).toContain(`Signature=${signature}`);
});

describe('without a region in environment and profile', () => {
  beforeEach(() => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  });
  afterEach(() => vi.unstubAllEnvs());

  test('that of the platform is used', async () => {
    await using xray = await startRecordingXRay();
    const api = openXRayApi({
      platformRegion: { now: () => undefined, later: async () => 'eu-north-1' },
      clientConfig: { endpoint: xray.url, credentials },
    });
    await api.putTraceSegments([document('0000000000000001')]);
    api.close();
    expect(xray.calls[0]?.headers['authorization']).toContain('/eu-north-1/xray/');
  });

  test('that of the platform is used at the end of the process', async () => {
    await using xray = await startRecordingXRay();
    vi.stubEnv('AWS_ENDPOINT_URL_XRAY', xray.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'any');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any');
    const script = `
      const { sendFinally } = await import(${JSON.stringify(FINAL_SEND)});
      const [, , packagePath, text] = process.argv;
      console.log(JSON.stringify(sendFinally(packagePath, [[text]], 20_000, 'eu-north-1')));`;
    const { packagePath } = openXRayApi();
    const text = document('0000000000000001');
    const args = ['--input-type=module', '-e', script, 'x', packagePath, text];
    const { stdout } = await run(args, {
      cwd: root,
      env: process.env as Record<string, string>,
    });
    expect(stdout).toBe('[true]\n');
    expect(xray.calls[0]?.headers['authorization']).toContain('/eu-north-1/xray/');
  });

  test('the error says what to set if the platform has none either', async () => {
    const api = openXRayApi({ clientConfig: { credentials } });
    await expect(api.where()).rejects.toThrow('Region is missing; set AWS_REGION');
    api.close();
  });
});

test('the local X-Ray accepts documents, and names those it does not', async () => {
  await using local = await startWithClient();
  const api = openXRayApi({
    clientConfig: { endpoint: local.xray.url, region: 'eu-west-1', credentials },
  });
  const unprocessed = await api.putTraceSegments([
    document('0000000000000001'),
    JSON.stringify({ id: '0000000000000002', name: 'no trace id', start_time: 1, end_time: 2 }),
  ]);
  api.close();
  expect(unprocessed).toMatchObject([{ id: '0000000000000002', errorCode: 'MissingTraceId' }]);
});

test('calls are not traced', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  await using xray = await startRecordingXRay();
  const untraced: boolean[] = [];
  const api = openXRayApi({
    clientConfig: {
      endpoint: xray.url,
      region: 'eu-west-1',
      credentials: async () => {
        untraced.push(isUntraced(context.active()));
        return credentials;
      },
    },
  });
  await api.putTraceSegments([document('0000000000000001')]);
  api.close();
  context.disable();
  expect(untraced).toEqual([true]);
});
