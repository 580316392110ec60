import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeDaemon, startFakeDaemon } from '../support/fake-daemon.ts';
import { startMetadata } from '../support/metadata.ts';
import { IMDS } from '../support/places.ts';
import { start } from '../support/run.ts';

const REGISTER = resolve(import.meta.dirname, '../../dist/register.cjs');

/**
 * Prints which Node.js modules were loaded before the application, and then serves requests.
 * (`child_process` is not checked: binding a UDP socket loads it through `cluster`.)
 */
const APP = `
const early = process.moduleLoadList.filter((name) => /^NativeModule (https|_tls_wrap|zlib|http2|worker_threads)$/.test(name));
console.log('loaded early: ' + early.join());
const server = require('node:http').createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
`;

let daemon: FakeDaemon;
beforeAll(async () => {
  daemon = await startFakeDaemon();
});
afterAll(() => daemon.close());

async function serve(
  name: string,
  env: Readonly<Record<string, string>>,
  {
    args = ['-e', APP],
    input = '',
  }: { readonly args?: readonly string[]; readonly input?: string } = {},
) {
  const running = start(['--import', REGISTER, ...args], {
    input,
    cwd: join(import.meta.dirname),
    env: {
      OTEL_SERVICE_NAME: name,
      OTEL_TRACES_SAMPLER: 'always_on',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      ...env,
    },
  });
  const [, port] = await running.line(/^listening on (\d+)$/);
  return { ...running, url: `http://127.0.0.1:${port}` };
}

const mine = (name: string) => daemon.flat().filter((document) => document.name === name);

describe('an application started with the built package', () => {
  test('sends no metadata requests and loads no modules for them before the first span', async () => {
    await using imds = await startMetadata(IMDS);
    const app = await serve('asks-late', { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });
    expect((await app.line(/^loaded early: (.*)$/))[1]).toBe('');
    expect(imds.requests).toEqual([]);
    await fetch(app.url);
    await daemon.until(() => mine('asks-late').length === 1);
    expect(imds.requests.map(({ line }) => line)).toEqual(Object.keys(IMDS));
    // The requests to the metadata service are not traced.
    expect(mine('asks-late')[0]?.origin).toBe('AWS::EC2::Instance');
    expect(daemon.flat().filter(({ name }) => name === '127.0.0.1')).toEqual([]);
    expect((await app.stop()).stderr).toBe('');
  });

  test.for([
    {
      rule: 'hangs',
      routes: { 'PUT /latest/api/token': 'hang' },
      why: /ec2 failed; its attributes are missing: PUT .* no response within 1000 ms/,
    },
    {
      rule: 'answers garbage',
      routes: { ...IMDS, 'GET /latest/dynamic/instance-identity/document': '\u0000' },
      why: /ec2 failed; its attributes are missing: the response is not a JSON object/,
    },
    {
      rule: 'refuses',
      routes: undefined,
      why: /ec2 failed; its attributes are missing: PUT .*ECONNREFUSED/,
    },
  ] as const)(
    'a metadata service that $rule: the span is sent, and one warning is logged',
    async ({ rule, routes, why }) => {
      const imds = await startMetadata(routes ?? {});
      if (routes === undefined) await imds[Symbol.asyncDispose]();
      const name = `ec2 that ${rule}`;
      const app = await serve(name, { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });
      await fetch(app.url);
      await fetch(app.url);
      await daemon.until(() => mine(name).length === 2);
      const { stderr } = await app.stop();
      expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(why)]);
      expect(mine(name).map(({ origin }) => origin)).toEqual([undefined, undefined]);
      if (routes !== undefined) await imds[Symbol.asyncDispose]();
    },
  );

  test('a process that exits before the response sends its spans', async () => {
    await using imds = await startMetadata({ 'PUT /latest/api/token': 'hang' });
    const app = await serve('ends-early', { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });
    await fetch(app.url);
    const end = await app.stop();
    await daemon.until(() => mine('ends-early').length === 1);
    expect(end).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test.for([
    { rule: '-e with options', args: ['-e', APP, '--', '--password=hunter2', 'hunter2'] },
    { rule: '-e with an argument', args: ['-e', APP, 'hunter2'] },
    { rule: '--eval=', args: [`--eval=${APP}`, 'hunter2'] },
    { rule: '-p', args: ['-p', APP, 'hunter2'] },
    { rule: '-pe', args: ['-pe', APP, 'hunter2'] },
    { rule: '--print', args: ['--print', APP, 'hunter2'] },
    { rule: 'standard input', args: ['-', 'hunter2'], input: APP },
  ])('arguments of code from $rule are not recorded', async ({ rule, args, input = '' }) => {
    const app = await serve(rule, { OTEL_NODE_RESOURCE_DETECTORS: 'process' }, { args, input });
    await fetch(app.url);
    await daemon.until(() => mine(rule).length === 1);
    await app.stop();
    expect(JSON.stringify(mine(rule))).toContain('otel.resource.process.pid');
    expect(JSON.stringify(mine(rule))).not.toContain('hunter2');
  });
});
