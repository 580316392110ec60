import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { likelyDaemons } from '../../src/doctor/gather/elsewhere.ts';
import {
  answerRules,
  DEFAULT_RULE,
  type Diagnosis,
  diagnose,
  startDoctorDaemon,
  testApp,
} from '../support/doctor.ts';
import { freePort } from '../support/free-port.ts';

const PATH = process.env['PATH'];
const SERVICE = { OTEL_SERVICE_NAME: 'shop', PATH };
const RULES = answerRules(DEFAULT_RULE);
/** An application that loads Express from its node_modules and then exits. */
const EXPRESS_CJS = "const express = require('express'); express().get('/', () => {});";
const EXPRESS_ESM = "import express from 'express'; express().get('/', () => {});";

function failures({ findings }: Diagnosis): unknown {
  return findings
    .filter(({ level }) => level === 'fail')
    .map(({ check, cause, message }) => ({ check, cause, message }));
}

/** Runs the doctor on an application, with a working daemon. */
async function diagnoseApp(folder: string, ...command: readonly string[]): Promise<Diagnosis> {
  await using daemon = await startDoctorDaemon(RULES);
  return await diagnose(['--json', '--watch', '60', '--', process.execPath, ...command], {
    cwd: folder,
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
}

test('without problems, the exit code is 0 and the test segment arrives', async () => {
  using app = testApp({ 'app.cjs': EXPRESS_CJS }, { links: ['otel-xray', 'express'] });
  await using daemon = await startDoctorDaemon(RULES);
  const result = await diagnose(
    [
      '--json',
      '--watch',
      '60',
      '--',
      process.execPath,
      '--import',
      'otel-xray/register',
      'app.cjs',
    ],
    { cwd: app.folder, env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address } },
  );
  expect(failures(result)).toEqual([]);
  expect(result.code).toBe(0);
  expect(result.findings.find(({ check }) => check === 'start')?.message).toBe(
    'otel-xray/register was loaded first; traced: express',
  );
  const [header, body = ''] = (daemon.datagrams[0] ?? '').split('\n');
  expect(header).toBe('{"format":"json","version":1}');
  expect(JSON.parse(body)).toMatchObject({ name: 'shop', annotations: { otel_xray_doctor: true } });
  const { trace_id } = JSON.parse(body) as { trace_id: string };
  expect(result.stdout).toContain(trace_id);
});

test('1 no daemon', async () => {
  const port = await freePort();
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
  });
  expect(result.code).toBe(1);
  expect(failures(result)).toEqual([
    {
      check: 'udp',
      cause: 'no-daemon',
      message: `no process listens on udp 127.0.0.1:${port}: segments are lost`,
    },
  ]);
});

test('2 daemon at another address: it is found by the open ports of this machine', async () => {
  await using daemon = await startDoctorDaemon(RULES);
  const port = await freePort();
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
    likelyDaemons: () => likelyDaemons().filter((other) => other.port === daemon.port),
  });
  expect(failures(result)).toEqual([
    {
      check: 'udp',
      cause: 'daemon-elsewhere',
      message: `no process listens on udp 127.0.0.1:${port} (AWS_XRAY_DAEMON_ADDRESS), but a daemon responds at ${daemon.address}`,
    },
  ]);
  expect(result.stdout).toContain(`Set AWS_XRAY_DAEMON_ADDRESS=${daemon.address}`);
});

test('3 TCP port not mapped', async () => {
  await using daemon = await startDoctorDaemon();
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([
    {
      check: 'tcp',
      cause: 'tcp-not-mapped',
      message: `udp is open, but tcp ${daemon.address} refuses connections: the X-Ray sampling rules cannot be read`,
    },
  ]);
});

/** An X-Ray error response as the daemon forwards it. */
function refuse(type: string, message: string): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(403, { 'x-amzn-errortype': type, 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  };
}

const DENIED =
  'User: arn:aws:sts::123456789012:assumed-role/task/x is not authorized to perform: xray:GetSamplingRules';

test.for([
  {
    rule: '4 missing permissions',
    answer: refuse('AccessDeniedException', DENIED),
    cause: 'no-rights',
    message: `the daemon lacks permissions: 403 AccessDeniedException ${DENIED}`,
  },
  {
    rule: 'expired credentials',
    answer: refuse('ExpiredTokenException', 'The security token included is expired'),
    cause: 'no-credentials',
    message:
      'X-Ray rejected the credentials of the daemon: 403 ExpiredTokenException The security token included is expired',
  },
])('$rule', async ({ answer, cause, message }) => {
  await using daemon = await startDoctorDaemon(answer);
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([{ check: 'rights', cause, message }]);
});

test('5 host name that does not resolve', async () => {
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: 'xray-daemon.invalid:2000' },
  });
  expect(failures(result)).toEqual([
    {
      check: 'udp',
      cause: 'host-unknown',
      message: 'the host name xray-daemon.invalid (AWS_XRAY_DAEMON_ADDRESS) does not resolve',
    },
  ]);
});

test('6 a library is loaded before register', async () => {
  using app = testApp(
    { 'app.cjs': EXPRESS_CJS, 'early.cjs': "require('express');" },
    { links: ['otel-xray', 'express'] },
  );
  const flags = ['--require', './early.cjs', '--import', 'otel-xray/register'];
  expect(failures(await diagnoseApp(app.folder, ...flags, 'app.cjs'))).toEqual([
    {
      check: 'start',
      cause: 'loaded-early',
      message: 'loaded before otel-xray/register and not traced: express',
    },
  ]);
});

test('7 an ES module without the flag', async () => {
  using app = testApp({ 'app.mjs': EXPRESS_ESM }, { links: ['otel-xray', 'express'] });
  expect(failures(await diagnoseApp(app.folder, 'app.mjs'))).toEqual([
    {
      check: 'start',
      cause: 'register-missing',
      message:
        'app.mjs is an ES module, whose imports are evaluated before its own code, and it runs without otel-xray/register',
    },
  ]);
});

test('7b an ES module that imports register after a library', async () => {
  using app = testApp(
    { 'app.mjs': `${EXPRESS_ESM}\nimport 'otel-xray/register';` },
    { links: ['otel-xray', 'express'] },
  );
  expect(failures(await diagnoseApp(app.folder, 'app.mjs'))).toEqual([
    {
      check: 'start',
      cause: 'loaded-early',
      message: 'loaded before otel-xray/register and not traced: express',
    },
  ]);
});

test('7c an instrumentation that fails', async () => {
  using app = testApp(
    {
      'app.mjs': `import http from 'node:http';
        class IncomingMessage extends http.IncomingMessage {
          set httpVersion(version) {}
          get httpVersion() { throw new Error('no'); }
        }
        const server = http.createServer({ IncomingMessage }, (request, response) => response.end());
        server.listen(0, () => fetch('http://localhost:' + server.address().port).then(() => server.close()));`,
    },
    { links: ['otel-xray'] },
  );
  const { stdout } = await diagnoseApp(app.folder, '--import', 'otel-xray/register', 'app.mjs');
  const { findings } = JSON.parse(stdout) as { findings: readonly { cause?: string }[] };
  expect(findings.find(({ cause }) => cause === 'instrumentation-failed')).toMatchObject({
    check: 'start',
    level: 'warn',
    message: 'errors in instrumentations: http (1); spans or their attributes are missing',
  });
});

test.for([
  {
    rule: 'by the comments of esbuild',
    text: '// node_modules/express/lib/express.js\nvar require_express = () => {};\n',
    dependencies: {},
    message:
      'bundled into the application: express, so only http, fetch, Lambda and libraries with tracing channels are traced',
  },
  {
    rule: 'by the module keys of webpack',
    text: 'var m = {"./node_modules/express/index.js"(module) { module.exports = 1; }};\n',
    dependencies: {},
    message:
      'bundled into the application: express, so only http, fetch, Lambda and libraries with tracing channels are traced',
  },
  {
    rule: 'by a large file and a dependency that is never loaded',
    text: `var x = "${'x'.repeat(250_000)}";\n`,
    dependencies: { express: '5.0.0' },
    message:
      'express seems to be bundled into the application: it is never loaded, so only http, fetch, Lambda and libraries with tracing channels are traced',
  },
])('8 a bundled library is detected $rule', async ({ text, dependencies, message }) => {
  using app = testApp(
    { 'package.json': JSON.stringify({ dependencies }), 'app.cjs': text },
    { links: ['otel-xray'] },
  );
  const result = await diagnoseApp(app.folder, '--import', 'otel-xray/register', 'app.cjs');
  expect(failures(result)).toEqual([{ check: 'bundle', cause: 'bundled', message }]);
});

test('8 a library in a bundle that was built with the plugin is fine', async () => {
  const text =
    '// node_modules/express/lib/express.js\nglobalThis[Symbol.for("otel-xray.bundle")].push([{}]);\n';
  using app = testApp(
    { 'package.json': JSON.stringify({ dependencies: { express: '5.0.0' } }), 'app.cjs': text },
    { links: ['otel-xray'] },
  );
  const result = await diagnoseApp(app.folder, '--import', 'otel-xray/register', 'app.cjs');
  expect(failures(result)).toEqual([]);
});

test('9 a later, incompatible copy of the API', async () => {
  const later = '{"name":"@opentelemetry/api","version":"1.99.0"}';
  const nested = join('node_modules', 'queue', 'node_modules', '@opentelemetry', 'api');
  using app = testApp(
    { [join(nested, 'package.json')]: later },
    { links: ['otel-xray'], copies: ['@opentelemetry/api'] },
  );
  await using daemon = await startDoctorDaemon(RULES);
  const result = await diagnose(['--json'], {
    cwd: app.folder,
    register: join(app.folder, 'register.cjs'),
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([
    {
      check: 'api copies',
      cause: 'api-copies',
      message: `${nested} is 1.99.0, incompatible with version 1.9.1 that otel-xray uses: spans of libraries that use it are lost`,
    },
  ]);
});

test('10 the clock is off by an hour', async () => {
  await using daemon = await startDoctorDaemon((response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    RULES(response);
  });
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([
    {
      check: 'clock',
      cause: 'clock-off',
      message: 'the clock of this machine is 60 min ahead of the Date header of the response',
    },
  ]);
});

test.for([
  {
    rule: 'tracing is disabled',
    env: { OTEL_SDK_DISABLED: 'true' },
    cause: 'switched-off',
    message: 'OTEL_SDK_DISABLED disables tracing',
  },
  {
    rule: 'only another exporter is configured',
    env: { OTEL_TRACES_EXPORTER: 'otlp' },
    cause: 'switched-off',
    message: 'OTEL_TRACES_EXPORTER=otlp sends nothing to X-Ray',
  },
  {
    rule: 'the sampler samples nothing',
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    cause: 'samples-nothing',
    message: 'OTEL_TRACES_SAMPLER=always_off samples no requests',
  },
])('other problems: $rule', async ({ env, cause, message }) => {
  await using daemon = await startDoctorDaemon(RULES);
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, ...env, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([{ check: 'settings', cause, message }]);
});

test('other problems: another service listens at the address', async () => {
  await using daemon = await startDoctorDaemon((response) => {
    response.writeHead(404).end('<html>');
  });
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([
    {
      check: 'rights',
      cause: 'not-a-daemon',
      message: `the service on tcp ${daemon.address} is not an X-Ray daemon: it responded with status 404`,
    },
  ]);
});
