import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { installedNode, NODES } from '../support/nodes.ts';
import { run, start } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');
const REQUESTS = 20;
let folder: string;

const APPS = {
  // Each worker serves; the main thread only ends the process when told to.
  'workers.cjs': `
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
if (isMainThread) {
  for (let index = 0; index < 2; index += 1) {
    new Worker(__filename).on('message', (message) => {
      if (message === 'end') process.exit(0);
      console.log('listening on ' + message);
    });
  }
} else {
  const { createServer } = require('node:http');
  let served = 0;
  const server = createServer((_, response) => {
    served += 1;
    response.end('ok', () => served === ${REQUESTS} && parentPort.postMessage('end'));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  parentPort.ref();
}
`,
  // The main thread waits for the workers as long as they need, on a slow machine too.
  'patient.cjs': `
const { wait } = Atomics;
Atomics.wait = (array, index, value, ms) => wait(array, index, value, ms * 1_000);
`,
  // Like a worker of a pool: blocked as soon as its task is over.
  'parked.cjs': `
const { isMainThread, Worker } = require('node:worker_threads');
if (isMainThread) {
  new Worker(__filename);
  process.stdin.on('data', () => process.exit(0));
} else {
  const { traceTask } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
  Promise.resolve()
    .then(() => traceTask('job', () => {}))
    .then(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
}
`,
  'without.cjs': `
require('node:http').createServer().listen(0).close();
console.log(process.moduleLoadList.filter((name) => /worker_threads/.test(name)).length);
`,
} as const;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-threads-'));
  for (const [name, text] of Object.entries(APPS)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for([NODES[0] as string, process.versions.node])(
  'Node %s: every segment of the workers arrives when the main thread ends the process',
  async (version) => {
    const program = await installedNode(version);
    await using daemon = await startFakeDaemon();
    const args = ['--require', join(folder, 'patient.cjs'), '--import', REGISTER];
    const running = start([...args, join(folder, 'workers.cjs')], {
      program,
      env: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
        OTEL_NODE_RESOURCE_DETECTORS: 'env',
        OTEL_SERVICE_NAME: 'workers',
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    const [, port] = await running.line(/^listening on (\d+)$/);
    const answers = Array.from({ length: REQUESTS }, () => fetch(`http://127.0.0.1:${port}/`));
    await Promise.allSettled(answers);
    expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
    await daemon.received(REQUESTS);
    expect(daemon.flat()).toHaveLength(REQUESTS);
  },
);

test('a worker that is blocked after its task has sent its spans', async () => {
  await using daemon = await startFakeDaemon();
  const running = start(['--import', REGISTER, join(folder, 'parked.cjs')], {
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_NODE_RESOURCE_DETECTORS: 'env',
      OTEL_SERVICE_NAME: 'pool',
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  await daemon.received(1);
  expect(daemon.flat()).toMatchObject([{ name: 'job' }]);
  expect(await running.stop()).toMatchObject({ stderr: '' });
});

test('a program without workers does not load node:worker_threads', async () => {
  const end = await run(['--import', REGISTER, join(folder, 'without.cjs')]);
  expect(end).toMatchObject({ code: 0, stdout: '0\n' });
});
