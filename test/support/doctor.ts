import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type DoctorDeps, doctor } from '../../src/commands/doctor.ts';
import type { NamedFinding } from '../../src/doctor/checks.ts';
import { freePort } from './free-port.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The default rule of every X-Ray account. */
export const DEFAULT_RULE = {
  RuleName: 'Default',
  Version: 1,
  Priority: 10_000,
  ReservoirSize: 1,
  FixedRate: 0.05,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
  Attributes: {},
};

/** Response of a test daemon to GetSamplingRules. */
export function answerRules(...rules: readonly object[]): (response: ServerResponse) => void {
  return (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ SamplingRuleRecords: rules.map((SamplingRule) => ({ SamplingRule })) }),
    );
  };
}

export interface DoctorDaemon extends AsyncDisposable {
  /** `127.0.0.1:port`, for UDP and TCP. */
  readonly address: string;
  readonly port: number;
  /** Datagrams as text. */
  readonly datagrams: readonly string[];
}

/** Starts a daemon on loopback; without `answer` it listens on UDP only. */
export async function startDoctorDaemon(
  answer?: (response: ServerResponse) => void,
): Promise<DoctorDaemon> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer?.(response));
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const socket = createSocket('udp4');
  const datagrams: string[] = [];
  socket.on('message', (message) => datagrams.push(message.toString('utf8')));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  if (answer === undefined) server.close();
  return {
    address: `127.0.0.1:${port}`,
    port,
    datagrams,
    async [Symbol.asyncDispose]() {
      socket.close();
      server.closeAllConnections();
      if (answer !== undefined) await once(server.close(), 'close');
    },
  };
}

export interface TestApp extends Disposable {
  readonly folder: string;
}

/**
 * Makes a folder with these files. `links` are packages of the repository's `node_modules`, `otel-xray`
 * is the repository itself; libraries that depend on their real path are copied instead.
 */
export function testApp(
  files: Readonly<Record<string, string>>,
  packages: { readonly links?: readonly string[]; readonly copies?: readonly string[] } = {},
): TestApp {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-app-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const at = (name: string): string => {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  for (const name of packages.links ?? []) {
    symlinkSync(name === 'otel-xray' ? ROOT : join(ROOT, 'node_modules', name), at(name));
  }
  for (const name of packages.copies ?? []) {
    cpSync(join(ROOT, 'node_modules', name), at(name), { recursive: true });
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Diagnosis {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Parsed output of `--json`; empty without it. */
  readonly findings: readonly NamedFinding[];
}

/** Runs the command; other addresses are searched only if the test lists them. */
export async function diagnose(
  argv: readonly string[],
  io: Partial<DoctorDeps> = {},
): Promise<Diagnosis> {
  let stdout = '';
  let stderr = '';
  const code = await doctor(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    cwd: ROOT,
    node: process.versions.node,
    register: join(ROOT, 'src/commands/doctor.ts'),
    probe: join(ROOT, 'src/doctor/probe.ts'),
    versions: {},
    now: Date.now,
    likelyDaemons: () => [],
    ...io,
  });
  const findings = argv.includes('--json') && stdout !== '' ? JSON.parse(stdout).findings : [];
  return { code, stdout, stderr, findings };
}
