import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import { run } from '../../support/run.ts';

const register = join(root, 'dist/register.cjs');

const PROGRAM = join(import.meta.dirname, '../programs/http-metrics.cjs');

test('an app that collects metrics gets those of requests', async () => {
  const { stdout, stderr } = await run(['--import', register, PROGRAM], {
    env: {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_LOG_LEVEL: 'none',
    },
  });
  const attributes = {
    'http.request.method': 'GET',
    'network.protocol.version': '1.1',
    'http.response.status_code': 503,
    'error.type': '503',
  };
  const port = expect.any(Number);
  expect({ stderr, recorded: JSON.parse(stdout) }).toEqual({
    stderr: '',
    recorded: [
      {
        name: 'http.client.request.duration',
        isDuration: true,
        attributes: { ...attributes, 'server.address': '127.0.0.1', 'server.port': port },
      },
      {
        name: 'http.server.request.duration',
        isDuration: true,
        attributes: { ...attributes, 'url.scheme': 'http' },
      },
    ],
  });
});
