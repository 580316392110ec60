import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');
let folder: string;
let app: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-system-'));
  app = join(folder, 'app.cjs');
  writeFileSync(
    app,
    `const http = require('node:http');
const server = http.createServer((_, response) => response.end('ok')).listen(0, () => {
  http.get({ port: server.address().port, path: '/a' }, (response) => {
    response.resume().on('end', () => server.close(() => console.log(response.statusCode)));
  });
});`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Programs that are loaded before otel-xray and make a part of the system fail. */
const FAULTS: Readonly<Record<string, string>> = {
  'the working directory is deleted': `
    const directory = require('node:fs').mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'gone-'));
    process.chdir(directory);
    require('node:fs').rmdirSync(directory);`,
  'process.cwd() throws': `process.cwd = () => { throw new Error('no cwd'); };`,
  'the functions of node:os throw': `
    const os = require('node:os');
    for (const name of ['hostname', 'release', 'userInfo', 'homedir', 'networkInterfaces']) {
      os[name] = () => { throw new Error('no ' + name); };
    }
    require('node:module').syncBuiltinESMExports();`,
  'neither /proc nor a package.json can be read': `
    const fs = require('node:fs');
    const { readFileSync, openSync } = fs;
    const refused = (path) => /^\\/proc|package\\.json$/.test(String(path));
    fs.readFileSync = (path, ...rest) => { if (refused(path)) throw new Error('EACCES'); return readFileSync(path, ...rest); };
    fs.openSync = (path, ...rest) => { if (refused(path)) throw new Error('EACCES'); return openSync(path, ...rest); };`,
  'there is no script path': `process.argv.length = 1;`,
};

test.for(Object.entries(FAULTS))('the app is traced when %s', async ([, fault]) => {
  await using daemon = await startFakeDaemon();
  const preload = join(folder, 'fault.cjs');
  writeFileSync(preload, fault);
  const end = await run(['--require', preload, '--require', REGISTER, app], {
    cwd: folder,
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      AWS_EC2_METADATA_DISABLED: 'true',
      OTEL_SERVICE_NAME: 'app',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_NODE_RESOURCE_DETECTORS: 'all',
    },
  });
  expect(end).toEqual({ code: 0, signal: null, stdout: '200\n', stderr: '' });
  await daemon.received(3);
  expect(daemon.flat().map(({ name }) => name)).toEqual(
    expect.arrayContaining(['app', 'app', 'localhost']),
  );
});
