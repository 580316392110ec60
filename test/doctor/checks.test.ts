import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/daemon-address.ts';
import { apiCopies } from '../../src/doctor/checks/api-copies.ts';
import { clock } from '../../src/doctor/checks/clock.ts';
import { nodeVersion } from '../../src/doctor/checks/node-version.ts';
import { otherTracers } from '../../src/doctor/checks/other-tracers.ts';
import { packageVersions } from '../../src/doctor/checks/package-versions.ts';
import { place } from '../../src/doctor/checks/place.ts';
import { tcp } from '../../src/doctor/checks/tcp.ts';
import { udp } from '../../src/doctor/checks/udp.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import type { Check } from '../../src/doctor/finding.ts';
import { bundledPackages, notesOfApp } from '../../src/doctor/gather/start.ts';
import { hasBinary } from '../support/binaries.ts';
import { DEFAULT_RULE, diagnose, startDoctorDaemon, testApp } from '../support/doctor.ts';
import { startRealDaemon } from '../support/real-daemon.ts';

const ENDPOINT = { host: '10.0.0.1', port: 2000 };
const HEALTHY: Facts = {
  node: '24.21.0',
  env: {},
  config: {
    daemon: { udp: ENDPOINT, tcp: ENDPOINT },
    daemonFrom: 'AWS_XRAY_DAEMON_ADDRESS',
    problems: [],
    disabled: false,
    exporters: ['xray'],
    sampler: undefined,
    service: 'shop',
  },
  network: {
    udp: { endpoint: ENDPOINT, outcome: 'silent', traceId: '1-x-y' },
    tcp: { endpoint: ENDPOINT, outcome: 'answered', answer: { status: 200, body: {} } },
    elsewhere: [],
  },
  install: { apis: [], ownApi: '1.9.1', tracers: [], versioned: [], dependencies: [] },
  start: undefined,
  beanstalk: false,
  versions: {},
};

function network(parts: Partial<Facts['network']>): Facts {
  return { ...HEALTHY, network: { ...HEALTHY.network, ...parts } };
}

function install(parts: Partial<Facts['install']>, env: Facts['env'] = {}): Facts {
  return { ...HEALTHY, env, install: { ...HEALTHY.install, ...parts } };
}

function aheadBy(aheadMs: number): Facts {
  return network({
    tcp: { endpoint: ENDPOINT, outcome: 'answered', answer: { status: 200, body: {}, aheadMs } },
  });
}

const SDK = {
  name: 'aws-xray-sdk-core',
  version: '3.12.0',
  path: 'node_modules/aws-xray-sdk-core',
};
const api = (version: string) => ({ name: '@opentelemetry/api', version, path: version });

const CASES: readonly { check: Check; rule: string; facts: Facts; says: string }[] = [
  ...['18.20.0', '20.18.3', '21.7.0', '22.11.0'].map((node) => ({
    check: nodeVersion,
    rule: `Node ${node} is too old`,
    facts: { ...HEALTHY, node },
    says: `fail: Node ${node} is too old`,
  })),
  ...['22.22.3', '24.11.1', '25.1.0', '26.0.0'].map((node) => ({
    check: nodeVersion,
    rule: `Node ${node} traces everything`,
    facts: { ...HEALTHY, node },
    says: `ok: Node ${node}`,
  })),
  ...['20.19.0', '22.12.0', '24.11.0'].map((node) => ({
    check: nodeVersion,
    rule: `Node ${node} does not trace pure ESM packages`,
    facts: { ...HEALTHY, node },
    says: `ok: Node ${node}; pure ESM packages (openai) are traced with Node 22.22.3, 24.11.1 or newer`,
  })),
  {
    check: place,
    rule: 'Lambda is detected',
    facts: { ...HEALTHY, env: { AWS_LAMBDA_FUNCTION_NAME: 'f' } },
    says: 'info: runs in AWS Lambda',
  },
  {
    check: place,
    rule: 'ECS is detected',
    facts: { ...HEALTHY, env: { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4' } },
    says: 'info: runs in ECS',
  },
  {
    check: place,
    rule: 'Elastic Beanstalk is detected',
    facts: { ...HEALTHY, beanstalk: true },
    says: 'info: runs in Elastic Beanstalk',
  },
  {
    check: udp,
    rule: 'a network without a route',
    facts: network({ udp: { endpoint: ENDPOINT, outcome: 'failed', error: 'ENETUNREACH' } }),
    says: 'fail: udp 10.0.0.1:2000 cannot be reached: ENETUNREACH',
  },
  {
    check: tcp,
    rule: 'a firewall that drops packets',
    facts: network({ tcp: { endpoint: ENDPOINT, outcome: 'timeout' } }),
    says: 'fail: tcp 10.0.0.1:2000 does not respond in time',
  },
  {
    check: clock,
    rule: 'a clock that is off by a second',
    facts: aheadBy(-1_000),
    says: 'ok: matches the Date header of the response',
  },
  {
    check: clock,
    rule: 'a clock that is two minutes behind',
    facts: aheadBy(-120_000),
    says: 'warn: the clock of this machine is 2 min behind the Date header of the response',
  },
  {
    check: clock,
    rule: 'a clock that is hours ahead',
    facts: aheadBy(5 * 3_600_000),
    says: 'fail: the clock of this machine is 5 h ahead of the Date header of the response',
  },
  {
    check: apiCopies,
    rule: 'copies of earlier minor versions are compatible',
    facts: install({ apis: [api('1.9.1'), api('1.4.0')] }),
    says: 'ok: 2 compatible copies: 1.9.1, 1.4.0',
  },
  {
    check: apiCopies,
    rule: 'a copy of another major version is incompatible',
    facts: install({ apis: [api('1.9.1'), api('2.0.0')] }),
    says: 'fail: 2.0.0 is 2.0.0, incompatible with version 1.9.1 that otel-xray uses: spans of libraries that use it are lost',
  },
  {
    check: packageVersions((name) => name !== 'openai'),
    rule: 'a package newer than its instrumentation supports, unless the instrumentation is disabled',
    facts: install({
      versioned: [
        { name: 'mongodb', version: '8.0.1', path: 'node_modules/mongodb' },
        { name: 'mongodb', version: '7.8.0', path: 'node_modules/old/node_modules/mongodb' },
        { name: 'openai', version: '7.55.0', path: 'node_modules/openai' },
      ],
    }),
    says: 'warn: mongodb 8.0.1 is not instrumented: instrumentation mongodb supports versions below 8 (node_modules/mongodb)',
  },
  {
    check: packageVersions(() => true),
    rule: 'packages in supported versions',
    facts: install({
      versioned: [{ name: 'mongodb', version: '7.8.0', path: 'node_modules/mongodb' }],
    }),
    says: 'ok: no package is newer than its instrumentation supports',
  },
  {
    check: otherTracers,
    rule: 'a tracer that is only installed',
    facts: install({ tracers: [SDK] }),
    says: 'info: also installed: aws-xray-sdk-core 3.12.0; only one tracer may be started',
  },
  {
    check: otherTracers,
    rule: 'a tracer that is started',
    facts: install(
      { tracers: [{ ...SDK, name: 'dd-trace' }] },
      { NODE_OPTIONS: '-r dd-trace/init' },
    ),
    says: 'warn: NODE_OPTIONS starts dd-trace',
  },
];

test.for(CASES)('$check.name: $rule', ({ check, facts, says }) => {
  const findings = [check.find(facts)].flat();
  expect(findings.map(({ level, message }) => `${level}: ${message}`)).toEqual([says]);
});

test.for([
  { from: 'esbuild', text: '// node_modules/pg/lib/index.js\nvar x;\n', names: ['pg'] },
  {
    from: 'esbuild in a workspace',
    text: '// ../../node_modules/@hapi/hapi/lib/index.js\n',
    names: ['@hapi/hapi'],
  },
  {
    from: 'esbuild with pnpm',
    text: '// node_modules/.pnpm/express@5.1.0/node_modules/express/index.js\n',
    names: ['express'],
  },
  { from: 'webpack', text: '"./node_modules/koa/lib/application.js":\n', names: ['koa'] },
  {
    from: 'no bundler',
    text: 'const path = "node_modules/pg/lib"; // see node_modules/pg\n',
    names: [],
  },
])('bundled packages are detected in the output of $from', ({ text, names }) => {
  expect(bundledPackages(text)).toEqual(names);
});

const NPM = '/usr/lib/node_modules/npm/bin/npm-cli.js';
const TSX = '/app/node_modules/tsx/dist/cli.mjs';

test.for([
  { rule: 'npm start', entries: [NPM, '/app/app.js'], app: '/app/app.js' },
  { rule: 'tsx, which starts a child', entries: [TSX, '/app/app.ts'], app: '/app/app.ts' },
  {
    rule: 'next, which runs the application in-process',
    entries: [NPM, '/app/node_modules/next/dist/bin/next'],
    app: '/app/node_modules/next/dist/bin/next',
  },
  { rule: 'npm alone', entries: [NPM], app: NPM },
  { rule: 'nothing', entries: [], app: undefined },
])('among the processes of $rule, $app is the application', ({ entries, app }) => {
  const notes = entries.map((entry) => ({
    entry,
    registered: false,
    before: [],
    after: [],
    failures: {},
    files: [],
  }));
  expect(notesOfApp(notes)?.entry).toBe(app);
});

test('an application that keeps running is stopped after the observation', async () => {
  using app = testApp({
    'app.cjs':
      "require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1e6);",
  });
  await using daemon = await startDoctorDaemon((response) => response.end('{}'));
  const { findings } = await diagnose(
    ['--json', '--watch', '0.5', '--', process.execPath, 'app.cjs'],
    {
      cwd: app.folder,
      env: { PATH: process.env['PATH'], AWS_XRAY_DAEMON_ADDRESS: daemon.address },
    },
  );
  expect(findings.find(({ check }) => check === 'start')?.message).toBe(
    'app.cjs runs without otel-xray/register',
  );
  const pid = Number(readFileSync(join(app.folder, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a command that cannot be started is reported', async () => {
  await using daemon = await startDoctorDaemon((response) => response.end('{}'));
  const { findings } = await diagnose(['--json', '--', './no-such-program'], {
    env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address },
  });
  expect(findings.find(({ check }) => check === 'start')).toMatchObject({
    level: 'warn',
    message: 'the command did not run a Node.js process',
  });
});

/** Waits until the proxy listens. The daemon logs that it has started shortly before. */
async function tcpOpen({ host, port }: Endpoint): Promise<void> {
  const socket = connect(port, host);
  const open = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  if (open) return;
  await after(20);
  await tcpOpen({ host, port });
}

test.skipIf(!hasBinary('xray-daemon'))(
  'the real daemon receives the test segment and returns the sampling rules',
  async () => {
    await using daemon = await startRealDaemon({
      rules: { SamplingRuleRecords: [{ SamplingRule: DEFAULT_RULE }] },
    });
    await tcpOpen(daemon.endpoint);
    const { code, findings } = await diagnose(['--json'], {
      env: { AWS_XRAY_DAEMON_ADDRESS: daemon.address, OTEL_SERVICE_NAME: 'shop' },
    });
    await daemon.until(({ uploads }) => uploads().length === 1);
    expect(daemon.uploads()[0]).toMatchObject({ name: 'shop' });
    expect(findings.filter(({ level }) => level === 'warn' || level === 'fail')).toEqual([]);
    expect(findings.find(({ check }) => check === 'rules')?.message).toBe(
      '1 rule read; for service shop: Default (1/s, then 5%)',
    );
    expect(code).toBe(0);
  },
);
