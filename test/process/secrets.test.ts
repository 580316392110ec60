import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');
const CLI = join(root, 'dist/cli.cjs');

/** A program whose calls, queries and spans contain a secret wherever a program has one. */
const PROGRAM = `
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { trace } from ${JSON.stringify(import.meta.resolve('@opentelemetry/api'))};

const server = createServer((request, response) => response.setHeader('set-cookie', 'sid=hushhush').end('hushhush'));
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address();
const url = 'http://127.0.0.1:' + port + '/a?token=hushhush&key=hushhush&sig=hushhush#hushhush';
const headers = { authorization: 'Bearer hushhush', cookie: 'sid=hushhush', 'x-api-key': 'hushhush' };
const odd = { traceparent: '00-hushhush', 'x-amzn-trace-id': 'Root=hushhush', baggage: 'a=hushhush' };
await (await fetch(url, { headers, method: 'POST', body: 'hushhush' })).text();
await new Promise((resolve) =>
  get(url.replace('//', '//user:hushhush@'), { headers: { ...headers, ...odd } }, (response) => response.resume().on('end', resolve)),
);
const { DatabaseSync } = process.getBuiltinModule('node:sqlite') ?? {};
try {
  new DatabaseSync(':memory:').exec("SELECT 'hushhush' FROM missing");
} catch {}
const attributes = {
  'db.system.name': 'mysql',
  'db.connection_string': 'mysql://user:hushhush@h/db',
  'db.query.text': "SELECT 'hushhush', 1",
  'gen_ai.input.messages': 'hushhush',
};
const span = trace.getTracer('app').startSpan('query', { attributes });
span.end();
// Misuse that the SDK reports.
span.end();
span.setAttribute('password', 'hushhush').setAttribute('', 'hushhush');
server.close();
`;

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'hushhush',
  AWS_SECRET_ACCESS_KEY: 'hushhush',
  AWS_SESSION_TOKEN: 'hushhush',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hushhush',
};
const WRONG_ADDRESS = { AWS_XRAY_DAEMON_ADDRESS: 'http://user:hushhush@127.0.0.1:2000' };

test.for([{}, WRONG_ADDRESS])(
  'no secret is in any log line, nor in what is sent, at level all: %o',
  async (settings) => {
    await using daemon = await startFakeDaemon();
    const end = await run(
      [
        '--import',
        REGISTER,
        '--input-type=module',
        '--disable-warning=ExperimentalWarning',
        '-e',
        PROGRAM,
      ],
      {
        env: {
          ...CREDENTIALS,
          AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
          AWS_XRAY_COLLECT_SQL_QUERIES: 'true',
          OTEL_LOG_LEVEL: 'all',
          OTEL_TRACES_SAMPLER: 'always_on',
          OTEL_XRAY_DUMP: 'stdout',
          ...settings,
        },
      },
    );
    expect(end).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"url":"http://127.0.0.1'),
    });
    expect(end.stderr).toContain('debug ');
    expect(end.stdout + end.stderr + JSON.stringify(daemon.flat())).not.toContain('hushhush');
  },
);

test('no secret is in the report of doctor', async () => {
  const end = await run([CLI, 'doctor'], { env: { ...CREDENTIALS, ...WRONG_ADDRESS } });
  expect(end.stdout).toContain('AWS_XRAY_DAEMON_ADDRESS=');
  expect(end.stdout + end.stderr).not.toContain('hushhush');
});
