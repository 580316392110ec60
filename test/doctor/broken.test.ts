import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { likelyDaemons } from '../../src/doctor/gather/elsewhere.ts';
import {
  answerRules,
  closedPort,
  DEFAULT_RULE,
  type Diagnosis,
  diagnose,
  startDoctorDaemon,
  testApp,
} from '../support/doctor.ts';

const PATH = process.env['PATH'];
const SERVICE = { OTEL_SERVICE_NAME: 'shop', PATH };
const RULES = answerRules(DEFAULT_RULE);
/** An app that loads Express from its node_modules, and says when it is up by ending. */
const EXPRESS_CJS = "const express = require('express'); express().get('/', () => {});";
const EXPRESS_ESM = "import express from 'express'; express().get('/', () => {});";

function failures({ findings }: Diagnosis): unknown {
  return findings
    .filter(({ level }) => level === 'fail')
    .map(({ check, cause, message }) => ({ check, cause, message }));
}

/** Runs the doctor on an app, with a daemon that is as it should be. */
async function diagnoseApp(folder: string, ...command: readonly string[]): Promise<Diagnosis> {
  await using daemon = await startDoctorDaemon(RULES);
  return await diagnose(['--json', '--watch', '8', '--', process.execPath, ...command], {
    cwd: folder,
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
}

test('nothing is broken: exit code 0, and the test segment arrives', async () => {
  using app = testApp({ 'app.cjs': EXPRESS_CJS }, { links: ['otel-xray', 'express'] });
  await using daemon = await startDoctorDaemon(RULES);
  const result = await diagnose(
    ['--json', '--watch', '8', '--', process.execPath, '--import', 'otel-xray/register', 'app.cjs'],
    { cwd: app.folder, env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: daemon.address } },
  );
  expect(failures(result)).toEqual([]);
  expect(result.code).toBe(0);
  expect(result.findings.find(({ check }) => check === 'start')?.message).toBe(
    'otel-xray/register ran first; traced: express',
  );
  const [header, body = ''] = (daemon.datagrams[0] ?? '').split('\n');
  expect(header).toBe('{"format":"json","version":1}');
  expect(JSON.parse(body)).toMatchObject({ name: 'shop', annotations: { otel_xray_doctor: true } });
  const { trace_id } = JSON.parse(body) as { trace_id: string };
  expect(result.stdout).toContain(trace_id);
});

test('1 no daemon', async () => {
  const port = await closedPort();
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
  });
  expect(result.code).toBe(1);
  expect(failures(result)).toEqual([
    {
      check: 'udp',
      cause: 'no-daemon',
      message: `nobody listens on udp 127.0.0.1:${port}: segments are lost`,
    },
  ]);
});

test('2 daemon on another address: it is found by the ports that listen here', async () => {
  await using daemon = await startDoctorDaemon(RULES);
  const port = await closedPort();
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
    likelyDaemons: () => likelyDaemons().filter((other) => other.port === daemon.port),
  });
  expect(failures(result)).toEqual([
    {
      check: 'udp',
      cause: 'daemon-elsewhere',
      message: `nobody listens on udp 127.0.0.1:${port} (AWS_XRAY_DAEMON_ADDRESS), but a daemon answers at ${daemon.address}`,
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
      message: `udp is open, but tcp ${daemon.address} is refused: the sampling rules of X-Ray cannot be read`,
    },
  ]);
});

/** X-Ray's answer when it refuses, as the daemon passes it on. */
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
    rule: '4 no rights',
    answer: refuse('AccessDeniedException', DENIED),
    cause: 'no-rights',
    message: `the daemon lacks rights: 403 AccessDeniedException ${DENIED}`,
  },
  {
    rule: 'credentials that are no longer valid',
    answer: refuse('ExpiredTokenException', 'The security token included is expired'),
    cause: 'no-credentials',
    message:
      'X-Ray does not accept the credentials of the daemon: 403 ExpiredTokenException The security token included is expired',
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
      message: 'the name xray-daemon.invalid (AWS_XRAY_DAEMON_ADDRESS) does not resolve',
    },
  ]);
});

test('6 library loaded before register', async () => {
  using app = testApp(
    { 'app.cjs': EXPRESS_CJS, 'early.cjs': "require('express');" },
    { links: ['otel-xray', 'express'] },
  );
  const flags = ['--require', './early.cjs', '--import', 'otel-xray/register'];
  expect(failures(await diagnoseApp(app.folder, ...flags, 'app.cjs'))).toEqual([
    {
      check: 'start',
      cause: 'loaded-early',
      message: 'express loaded before otel-xray/register, so nothing of it is traced',
    },
  ]);
});

test('7 ESM without the flag', async () => {
  using app = testApp({ 'app.mjs': EXPRESS_ESM }, { links: ['otel-xray', 'express'] });
  expect(failures(await diagnoseApp(app.folder, 'app.mjs'))).toEqual([
    {
      check: 'start',
      cause: 'register-missing',
      message:
        'app.mjs is an ES module, whose imports run before any code of its own, and nothing loads otel-xray/register',
    },
  ]);
});

test('7b ESM that imports register below a library', async () => {
  using app = testApp(
    { 'app.mjs': `${EXPRESS_ESM}\nimport 'otel-xray/register';` },
    { links: ['otel-xray', 'express'] },
  );
  expect(failures(await diagnoseApp(app.folder, 'app.mjs'))).toEqual([
    {
      check: 'start',
      cause: 'loaded-early',
      message: 'express loaded before otel-xray/register, so nothing of it is traced',
    },
  ]);
});

test.for([
  {
    rule: 'by the comments of esbuild',
    text: '// node_modules/express/lib/express.js\nvar require_express = () => {};\n',
    dependencies: {},
    message: 'express is bundled into the app, so only http, fetch and Lambda are traced',
  },
  {
    rule: 'by the module keys of webpack',
    text: 'var m = {"./node_modules/express/index.js"(module) { module.exports = 1; }};\n',
    dependencies: {},
    message: 'express is bundled into the app, so only http, fetch and Lambda are traced',
  },
  {
    rule: 'by a big file and a dependency that never loads',
    text: `var x = "${'x'.repeat(250_000)}";\n`,
    dependencies: { express: '5.0.0' },
    message:
      'express seems to be bundled into the app: it never loads, so only http, fetch and Lambda are traced',
  },
])('8 bundled library, told $rule', async ({ text, dependencies, message }) => {
  using app = testApp(
    { 'package.json': JSON.stringify({ dependencies }), 'app.cjs': text },
    { links: ['otel-xray'] },
  );
  const result = await diagnoseApp(app.folder, '--import', 'otel-xray/register', 'app.cjs');
  expect(failures(result)).toEqual([{ check: 'bundle', cause: 'bundled', message }]);
});

test('9 two API copies of which the later is blind', async () => {
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
      message: `${nested} is 1.99.0, which does not see what 1.9.1 registers: its spans are lost`,
    },
  ]);
});

test('10 clock off by an hour', async () => {
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
      message: 'this clock is 60 min ahead of the date of the answer',
    },
  ]);
});

test.for([
  {
    rule: 'tracing that is switched off',
    env: { OTEL_SDK_DISABLED: 'true' },
    cause: 'switched-off',
    message: 'OTEL_SDK_DISABLED switches tracing off',
  },
  {
    rule: 'another exporter',
    env: { OTEL_TRACES_EXPORTER: 'otlp' },
    cause: 'switched-off',
    message: 'OTEL_TRACES_EXPORTER=otlp sends nothing to X-Ray',
  },
  {
    rule: 'a sampler that takes nothing',
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    cause: 'samples-nothing',
    message: 'OTEL_TRACES_SAMPLER=always_off takes no request',
  },
])('also named: $rule', async ({ env, cause, message }) => {
  await using daemon = await startDoctorDaemon(RULES);
  const result = await diagnose(['--json'], {
    env: { ...SERVICE, ...env, AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(failures(result)).toEqual([{ check: 'settings', cause, message }]);
});

test('also named: something else listens there', async () => {
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
      message: `what listens on tcp ${daemon.address} is no X-Ray daemon: it answers 404`,
    },
  ]);
});
