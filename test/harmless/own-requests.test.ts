import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/run.ts';
import { REGISTER } from './compare.ts';

test('mocks of the app do not see the requests of otel-xray', async () => {
  await using rules = createServer((_request, response) => {
    response.end('{"SamplingRuleRecords":[]}', () => app.child.kill('SIGUSR2'));
  });
  await once(rules.listen(0, '127.0.0.1'), 'listening');
  const { port } = rules.address() as AddressInfo;
  const app = start(['--import', REGISTER, join(import.meta.dirname, 'programs/mocked-http.cjs')], {
    env: { OTEL_SERVICE_NAME: 'shop', AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
  });
  expect(await app.finished).toMatchObject({ code: 0, stdout: '[]\n' });
});
