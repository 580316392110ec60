import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/staleness.mjs';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { type Finished, run, start as startApp } from '../support/run.ts';

const REGISTER = join(root, 'dist/register.cjs');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-xray-code-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lines of standard error that contain the text. */
function lines({ stderr }: Finished, text: string): readonly string[] {
  return stderr.split('\n').filter((line) => line.includes(text));
}

test('start() accepts options, and a second call returns the same result', async () => {
  const file = join(folder, 'code.cjs');
  writeFileSync(
    file,
    `const { start } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
const started = start({ serviceName: 'in-code', exporters: ['none'], logLevel: 'info' });
console.log(started === start({ serviceName: 'other' }));`,
  );
  const end = await run([file]);
  expect(end).toMatchObject({ code: 0, stdout: 'true\n' });
  expect(lines(end, 'service in-code (code)')).toHaveLength(1);
});

test('span processors of the application are flushed at exit, and invalid ones are reported', async () => {
  await using daemon = await startFakeDaemon();
  const file = join(folder, 'processors.cjs');
  writeFileSync(
    file,
    `const { start, traceTask } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
const ended = [];
const processor = {
  onStart() {},
  onEnd: ({ name }) => ended.push(name),
  forceFlush: async () => console.log(ended.join()),
  shutdown: async () => {},
};
start({ spanProcessors: [processor, undefined] });
traceTask('job', () => {});`,
  );
  const end = await run([file], {
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'always_on',
    },
  });
  expect(end).toMatchObject({ code: 0, stdout: 'job\n' });
  expect(lines(end, 'a span processor without a method onStart() is ignored')).toHaveLength(1);
});

test('OTEL_XRAY_IN_PROGRESS_SECONDS shows a long task while it runs', async () => {
  await using daemon = await startFakeDaemon();
  const file = join(folder, 'long.cjs');
  writeFileSync(
    file,
    `const { traceTask } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
const wait = setInterval(() => {}, 1000);
traceTask('long', () => new Promise((end) => process.once('SIGUSR2', end))).then(() => clearInterval(wait));`,
  );
  const running = startApp(['--import', REGISTER, file], {
    env: {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_SERVICE_NAME: 'app',
      OTEL_XRAY_IN_PROGRESS_SECONDS: '0.05',
    },
  });
  await daemon.received(1);
  running.child.kill('SIGUSR2');
  expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
  await daemon.received(2);
  const [first, last] = daemon.documents();
  expect(first).toMatchObject({ name: 'long', in_progress: true });
  expect(last).toMatchObject({ name: 'long', id: first?.id, end_time: expect.any(Number) });
});

test.for([
  { end: 'process.exit(0)', signal: null },
  {
    end: 'setInterval(() => {}, 1000); process.kill(process.pid, "SIGTERM")',
    signal: 'SIGTERM',
  },
  { end: 'started.shutdown()', signal: null },
])(
  '$end: what was sent can be read, and is printed at the level debug',
  async ({ end, signal }) => {
    await using daemon = await startFakeDaemon();
    const file = join(folder, 'counters.cjs');
    writeFileSync(
      file,
      `const { start, traceTask } = require(${JSON.stringify(join(root, 'dist/index.cjs'))});
const started = start({ logLevel: 'debug', sampler: 'always_on' });
traceTask('job', () => {});
started.flush().then(() => {
  process.stdout.write(JSON.stringify(started.counters()));
  ${end};
});`,
    );
    const finished = await run([file], {
      env: { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}` },
    });
    expect(finished.signal).toBe(signal);
    expect(JSON.parse(finished.stdout)).toMatchObject({ spans: 1, sent: 1, queued: 0 });
    expect(lines(finished, 'debug otel-xray: exporter:')).toHaveLength(1);
  },
);
