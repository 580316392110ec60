import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { dev, unsafePlace } from '../../src/commands/dev.ts';
import { devOptions } from '../../src/local/dev-options.ts';
import { commandEnvironment } from '../../src/local/run-command.ts';
import { countsLine, mayColor } from '../../src/local/terminal.ts';
import { entityId, framed, traceId } from '../support/local-xray.ts';
import { printIfTestFails, tail } from '../support/run.ts';

const SEGMENT = {
  trace_id: traceId(1),
  id: entityId(1),
  name: 'shop',
  start_time: 1_763_600_000,
  end_time: 1_763_600_001,
};

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'otel-xray-dev-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function sink() {
  let text = '';
  return {
    write: (more: string) => {
      text += more;
    },
    text: () => text,
  };
}

/** Runs the command in this process. For runs that end without a signal. */
async function run(argv: readonly string[], env: Record<string, string | undefined> = process.env) {
  const [stdout, stderr] = [sink(), sink()];
  const code = await dev(argv, {
    stdout,
    stderr,
    env,
    register: '/app/register.cjs',
    terminal: false,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

test('--help prints the usage', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  expect(out).toContain('otel-xray dev -- node app.js');
});

test.for([
  { argv: ['--port', 'x'], says: '--port "x": expected a whole number from 0 to 65535' },
  { argv: ['--port', '70000'], says: '--port "70000": expected a whole number from 0 to 65535' },
  { argv: ['--keep', '0'], says: '--keep "0": expected a whole number from 1 to 100000000' },
  { argv: ['--default-rate', '2'], says: '--default-rate "2": expected a number from 0 to 1' },
  { argv: ['--forward', 'a:b:c'], says: '--forward: invalid daemon address: "a:b:c"' },
  { argv: ['--otlp', 'jaeger'], says: '--otlp "jaeger": expected an http or https URL' },
  { argv: ['--rules', '/none'], says: '--rules /none: ENOENT' },
  { argv: ['--slow', 'x'], says: '--slow "x": expected a number from 0 to 1000000000' },
  { argv: ['--lines', '1.5'], says: '--lines "1.5": expected a whole number from 0 to 10000' },
  { argv: ['--filter', 'duration >'], says: '--filter "duration >": Error Location' },
  { argv: ['--color'], says: "Unknown option '--color'" },
  { argv: ['node', 'app.js'], says: "Unexpected argument 'node'" },
])('invalid arguments: $argv', async ({ argv, says }) => {
  const { code, out, err } = await run(argv);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(`otel-xray dev: ${says}`);
  expect(err).toContain('See otel-xray dev --help');
});

test('options are passed to the local X-Ray', () => {
  const rules = join(folder(), 'rules.json');
  writeFileSync(rules, '{"SamplingRuleRecords":[]}');
  expect(
    devOptions([
      '--port',
      '0',
      '--keep',
      '5',
      '--default-rate',
      '.5',
      '--forward',
      '10.0.0.1',
      '--otlp',
      'http://h:4318',
      '--rules',
      rules,
      '--allow-host',
      'a',
      '--allow-host',
      'b',
      '--strict-age',
      '--json',
      '--replay',
      'f',
      '--open',
      'a.json',
      '--open',
      'b.html',
      '--errors',
      '--slow',
      '500',
      '--filter',
      'fault',
      '--lines',
      '3',
    ]),
  ).toEqual({
    xray: {
      port: 0,
      host: undefined,
      allowHosts: ['a', 'b'],
      store: undefined,
      keep: 5,
      rules: { SamplingRuleRecords: [] },
      defaultRate: 0.5,
      forward: { host: '10.0.0.1', port: 2000 },
      otlp: 'http://h:4318/v1/traces',
      record: undefined,
      strictAge: true,
      strictSize: undefined,
      lateQuota: undefined,
    },
    json: true,
    force: false,
    help: false,
    replay: 'f',
    open: ['a.json', 'b.html'],
    show: { errors: true, slowMs: 500, filter: 'fault', lines: 3 },
  });
});

test.for([
  { place: 'Lambda', env: { AWS_LAMBDA_FUNCTION_NAME: 'f' }, says: 'this is AWS Lambda' },
  { place: 'production', env: { NODE_ENV: 'production' }, says: 'NODE_ENV is production' },
])('does not start in $place unless forced', async ({ env, says }) => {
  expect(await run([], env)).toMatchObject({ code: 1, err: expect.stringContaining(says) });
  const forced = await run(['--force', '--port', '0', '--', 'sh', '-c', 'exit 0'], {
    ...process.env,
    ...env,
  });
  expect(forced.code).toBe(0);
});

test('local SAM does not count as Lambda', () => {
  expect(unsafePlace({ AWS_LAMBDA_FUNCTION_NAME: 'f', AWS_SAM_LOCAL: 'true' })).toBeUndefined();
});

test('the command is started with the daemon address and register, and keeps NODE_OPTIONS', () => {
  const given = { daemonAddress: '127.0.0.1:2001', register: '/my app/register.cjs' };
  const env = commandEnvironment({ NODE_OPTIONS: '--max-old-space-size=64', A: '1' }, given);
  const flag = `--import=${pathToFileURL('/my app/register.cjs').href}`;
  expect(flag).toContain('my%20app');
  expect(env).toEqual({
    A: '1',
    NODE_OPTIONS: `--max-old-space-size=64 ${flag}`,
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2001',
  });
  expect(commandEnvironment(env, given)).toEqual(env);
});

/** An application that sends one document to its daemon and prints its environment. */
const APP = `
const [host, port] = process.env.AWS_XRAY_DAEMON_ADDRESS.split(':');
const socket = require('node:dgram').createSocket('udp4');
socket.send(${JSON.stringify(framed(SEGMENT))}, Number(port), host, () => {
  socket.close();
  console.log('registered ' + globalThis.registered);
  process.exitCode = 7;
});
`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `otel-xray dev` as a process. */
function start(argv: readonly string[]): {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly saw: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
} {
  const register = join(folder(), 'register.cjs');
  writeFileSync(register, 'globalThis.registered = true;');
  const program = `
    import { dev } from ${JSON.stringify(resolve('src/commands/dev.ts'))};
    process.exitCode = await dev(process.argv.slice(1), { stdout: process.stdout, stderr: process.stderr, env: process.env, register: ${JSON.stringify(register)}, terminal: false });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = { out: '', err: '' };
  printIfTestFails(() => tail(text.out) + tail(text.err));
  let look = (): void => undefined;
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
    look();
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
    look();
  });
  return {
    kill: (signal) => void child.kill(signal),
    saw: (wanted) =>
      new Promise((done) => {
        look = () => {
          if ((text.out + text.err).includes(wanted)) done();
        };
        look();
      }),
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal, ...text })),
  };
}

test('runs a command with register, shows its trace and exits with its code', async () => {
  const { code, out, err } = await start(['--port', '0', '--', process.execPath, '-e', APP]).ended;
  expect(code).toBe(7);
  expect(out).toBe('registered true\n');
  expect(err).toMatch(/^otel-xray dev: X-Ray at http:\/\/127\.0\.0\.1:\d+ /);
  expect(err).toContain(
    `Trace ${traceId(1)}  2025-11-20T00:53:20.000Z  1 s  1 document\nshop  1 s  ok\n`,
  );
  expect(err).toContain('1 trace · 1 document · 1 KB');
});

test('--open reads traces from a file; --errors, --slow and --filter select which are printed', async () => {
  const file = join(folder(), 'traces.jsonl');
  const failed = { ...SEGMENT, trace_id: traceId(2), name: 'broken', fault: true };
  const slow = { ...SEGMENT, trace_id: traceId(3), name: 'slow', end_time: 1_763_600_009 };
  writeFileSync(file, [SEGMENT, failed, slow].map((each) => JSON.stringify(each)).join('\n'));
  const printed = async (...options: readonly string[]) => {
    const command = ['--', process.execPath, '-e', ''];
    const { err } = await start(['--port', '0', '--open', file, ...options, ...command]).ended;
    expect(err).toContain(`opened 3 segment documents from ${file}`);
    return [...err.matchAll(/^Trace (\S+)/gm)].map(([, id]) => id).sort();
  };
  expect(await printed()).toEqual([1, 2, 3].map(traceId));
  expect(await printed('--errors', '--slow', '5000')).toEqual([2, 3].map(traceId));
  expect(await printed('--filter', 'service("slow")')).toEqual([traceId(3)]);
});

test('--open with a missing file prints an error', async () => {
  const { code, err } = await start(['--port', '0', '--open', '/no/such/file']).ended;
  expect(code).toBe(1);
  expect(err).toContain('otel-xray dev: --open /no/such/file: ENOENT');
});

test('--json writes one line for each trace to standard output', async () => {
  const { out } = await start([
    '--port',
    '0',
    '--json',
    '--',
    process.execPath,
    '-e',
    APP.replace(/console\.log.*/, ''),
  ]).ended;
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ type: 'trace', id: traceId(1), documents: [SEGMENT] }]);
});

test('signals are forwarded to the command, and dev exits with the command', async () => {
  const app = `process.on('SIGTERM', () => { console.log('asked to end'); process.exit(3); }); console.log('up'); setInterval(() => 0, 1000);`;
  const running = start(['--port', '0', '--', process.execPath, '-e', app]);
  await running.saw('up');
  running.kill('SIGTERM');
  const { code, out } = await running.ended;
  expect([code, out]).toEqual([3, 'up\nasked to end\n']);
});

test('a command that is terminated by a signal exits with 128 plus the signal number', async () => {
  const app = `process.kill(process.pid, 'SIGKILL')`;
  expect((await start(['--port', '0', '--', process.execPath, '-e', app]).ended).code).toBe(137);
});

test('a missing command exits with 127', async () => {
  const { code, err } = await start(['--port', '0', '--', 'no-such-program-here']).ended;
  expect(code).toBe(127);
  expect(err).toContain('otel-xray dev: no-such-program-here cannot be started');
});

test('without a command it runs until a signal', async () => {
  const running = start(['--port', '0']);
  await running.saw('X-Ray at http://');
  running.kill('SIGINT');
  expect(await running.ended).toMatchObject({
    code: 0,
    out: expect.stringContaining('0 traces · 0 documents'),
  });
});

test('colors are used on terminals only', () => {
  const terminal = { write: () => true, isTTY: true };
  const file = { write: () => true };
  expect([
    mayColor(terminal, {}),
    mayColor(terminal, { NO_COLOR: '1' }),
    mayColor(terminal, { TERM: 'dumb' }),
    mayColor(file, {}),
    mayColor(file, { FORCE_COLOR: '1' }),
  ]).toEqual([true, false, false, false, true]);
});

test('the summary includes rejected and unrecognized messages', () => {
  const counts = {
    traces: 2,
    documents: 5,
    bytes: 2_048,
    received: 8,
    refused: 1,
    foreign: 2,
    unsampled: 0,
  };
  expect(countsLine(counts)).toBe('2 traces · 5 documents · 2 KB · 1 refused · 2 not X-Ray');
});
