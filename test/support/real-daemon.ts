import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import type { Endpoint } from '../../src/daemon-address.ts';
import { flatten } from '../../src/exporter/batch/nest.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { binaryPath } from './binaries.ts';

/** The real X-Ray daemon, uploading to a stand-in for the X-Ray service. Both die with the test. */
export interface RealDaemon extends AsyncDisposable {
  /** Of UDP and TCP. */
  readonly endpoint: Endpoint;
  /** Value for `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly address: string;
  /** URL of the stand-in for the service. */
  readonly serviceUrl: string;
  /** Documents uploaded so far, as the daemon got them. */
  uploads(): readonly SegmentDocument[];
  /** The same, nested documents taken out. */
  flat(): readonly SegmentDocument[];
  /** Resolves when the condition holds; rejects after 20 s, quoting the daemon's last lines. */
  until(condition: (daemon: RealDaemon) => boolean): Promise<void>;
  /** Changes what the service answers from now on. */
  answer(name: ServiceAnswer, body: unknown): void;
  /** Bodies of the calls the service got for this path, e.g. `/SamplingTargets`. */
  calls(path: string): readonly unknown[];
  /** Sends a signal to the daemon; resolves when it has ended, or at once for `SIGSTOP` and `SIGCONT`. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Starts the daemon, after `signal()` has ended it or with the option `stopped`. */
  start(): Promise<void>;
  /** What the daemon printed. */
  log(): string;
  /** Ends the daemon so that it uploads what it has; its own count of documents. */
  stop(): Promise<DaemonCount>;
}

/** GetSamplingRules and SamplingTargets. */
export type ServiceAnswer = 'rules' | 'targets';

export interface DaemonCount {
  readonly received: number;
  readonly truncated: number;
  readonly processed: number;
}

export interface RealDaemonOptions {
  /** Does not start the daemon yet, only the service. */
  readonly stopped?: boolean;
  /** UDP and TCP port; a free one by default. */
  readonly port?: number;
  /** Body answered to GetSamplingRules. */
  readonly rules?: unknown;
  /** Body answered to SamplingTargets. */
  readonly targets?: unknown;
  /** Uploads to this X-Ray instead of a stand-in, which then writes down nothing. */
  readonly serviceUrl?: string;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'prod';
}

/** Starts the daemon; call `hasBinary('xray-daemon')` first. */
export async function startRealDaemon(options: RealDaemonOptions = {}): Promise<RealDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-daemon-'));
  const out = join(folder, 'uploads.jsonl');
  writeFileSync(out, '');
  const answerFile = (name: ServiceAnswer) => join(folder, `${name}.json`);
  const answer = (name: ServiceAnswer, body: unknown) => {
    if (body === undefined) return;
    // In one step: the service reads the file at each call.
    writeFileSync(`${answerFile(name)}.new`, JSON.stringify(body));
    renameSync(`${answerFile(name)}.new`, answerFile(name));
  };
  answer('rules', options.rules);
  answer('targets', options.targets);
  const service =
    options.serviceUrl === undefined
      ? dyingWithUs(process.execPath, [
          join(import.meta.dirname, 'fake-xray.mjs'),
          ...['--port', '0', '--out', out],
          ...['--rules', answerFile('rules'), '--targets', answerFile('targets')],
        ])
      : undefined;
  const serviceUrl =
    options.serviceUrl ??
    `http://127.0.0.1:${JSON.parse((await service?.line(/"port"/)) ?? '').port}`;
  const port = options.port ?? (await freePort());
  const config = join(folder, 'daemon.yaml');
  writeFileSync(config, daemonConfig(port, serviceUrl, options.logLevel ?? 'debug'));
  let daemon: Child | undefined;
  const start = async () => {
    daemon = dyingWithUs(binaryPath('xray-daemon'), ['-c', config], {
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    await daemon.line(/Starting proxy http server/);
  };
  if (!options.stopped) await start();

  let stopped: Promise<DaemonCount> | undefined;
  const real: RealDaemon = {
    endpoint: { host: '127.0.0.1', port },
    address: `127.0.0.1:${port}`,
    serviceUrl,
    uploads: () => uploadedDocuments(readFileSync(out, 'utf8')),
    flat: () => real.uploads().flatMap((document) => flatten(document)),
    async until(condition) {
      const end = Date.now() + 20_000;
      while (!condition(real)) {
        if (Date.now() > end) throw new Error(`not reached; the daemon says:\n${tail(real.log())}`);
        await after(20);
      }
    },
    answer,
    calls: (path) => uploadedCalls(readFileSync(out, 'utf8'), path).map(({ body }) => body),
    async signal(signal) {
      process.kill(Number((await daemon?.line(/^pid /))?.slice(4)), signal);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
      await daemon?.end();
    },
    start,
    log: () => daemon?.output() ?? '',
    stop() {
      stopped ??= (async () => {
        await daemon?.end();
        await service?.end();
        return countOf(real.log());
      })();
      return stopped;
    },
    async [Symbol.asyncDispose]() {
      await real.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return real;
}

function daemonConfig(port: number, serviceUrl: string, logLevel: string): string {
  return `Version: 2
Endpoint: "${serviceUrl}"
Region: us-east-1
LocalMode: true
Socket:
  UDPAddress: "127.0.0.1:${port}"
  TCPAddress: "127.0.0.1:${port}"
Logging:
  LogLevel: ${logLevel}
`;
}

interface UploadedCall {
  readonly path: string;
  readonly body: unknown;
}

function uploadedCalls(text: string, path: string): readonly UploadedCall[] {
  // The last line may be half written; it is read the next time.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line.startsWith(`{"path":"${path}"`))
    .map((line) => JSON.parse(line) as UploadedCall);
}

function uploadedDocuments(text: string): readonly SegmentDocument[] {
  return uploadedCalls(text, '/TraceSegments')
    .flatMap(({ body }) => (body as { TraceSegmentDocuments: string[] }).TraceSegmentDocuments)
    .map((document) => JSON.parse(document) as SegmentDocument);
}

function countOf(log: string): DaemonCount {
  const [, received, truncated, processed] =
    /Trace segment: received: (\d+), truncated: (\d+), processed: (\d+)/.exec(log) ?? [];
  return {
    received: Number(received),
    truncated: Number(truncated),
    processed: Number(processed),
  };
}

function tail(text: string): string {
  return text.split('\n').slice(-15).join('\n');
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, 'close');
  return port;
}

interface Child {
  /** Resolves with the first line of its output that matches. */
  line(pattern: RegExp): Promise<string>;
  output(): string;
  /** Asks it to end (SIGTERM) and waits until it has. */
  end(): Promise<void>;
}

/** Ends its command when its standard input closes, as it does when this process is killed. */
const WATCHED =
  '"$@" </dev/null & child=$!; echo "pid $child"; cat >/dev/null; kill $child 2>/dev/null; wait $child';

function dyingWithUs(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const child: ChildProcess = spawn('sh', ['-c', WATCHED, 'sh', command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let waiting: readonly ((line: string) => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look(line);
    });
  }
  const ended = once(child, 'close');
  return {
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          if (!pattern.test(line)) return;
          waiting = waiting.filter((other) => other !== look);
          resolve(line);
        };
        waiting = [...waiting, look];
        lines.forEach(look);
        ended.then(() => reject(new Error(`${command} ended:\n${tail(lines.join('\n'))}`)));
      }),
    output: () => lines.join('\n'),
    async end() {
      child.stdin?.end();
      await ended;
    },
  };
}
