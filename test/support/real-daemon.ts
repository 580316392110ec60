import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import type { Endpoint } from '../../src/daemon-address.ts';
import { flatten } from '../../src/exporter/batch/nest.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { binaryPath } from './binaries.ts';
import { freePort } from './free-port.ts';

/** The X-Ray daemon, uploading to a fake X-Ray service. Both end with the test process. */
export interface RealDaemon extends AsyncDisposable {
  /** For UDP and TCP. */
  readonly endpoint: Endpoint;
  /** Value for `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly address: string;
  /** URL of the fake service. */
  readonly serviceUrl: string;
  /** Returns the documents uploaded so far. */
  uploads(): readonly SegmentDocument[];
  /** The same with nested documents extracted. */
  flat(): readonly SegmentDocument[];
  /** Resolves when the condition holds; rejects after 20 s with the last lines of the daemon's log. */
  until(condition: (daemon: RealDaemon) => boolean): Promise<void>;
  /** Sets the response of the service for subsequent calls. */
  answer(name: ServiceAnswer, body: unknown): void;
  /** Returns the bodies of the calls to this path, e.g. `/SamplingTargets`. */
  calls(path: string): readonly unknown[];
  /** Sends a signal to the daemon; resolves when it has ended, or at once for `SIGSTOP` and `SIGCONT`. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Starts the daemon, after `signal()` has ended it or with the option `stopped`. */
  start(): Promise<void>;
  /** Returns the output of the daemon. */
  log(): string;
  /** Stops the daemon after it has uploaded everything; returns its own counts. */
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
  /** Response to GetSamplingRules. */
  readonly rules?: unknown;
  /** Response to SamplingTargets. */
  readonly targets?: unknown;
  /** Uploads to this X-Ray instead of the fake service; `uploads()` is empty then. */
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
    // Renamed in one step, because the service reads the file on each call.
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
      const end = Date.now() + 100_000;
      while (!condition(real)) {
        if (Date.now() > end)
          throw new Error(`condition not met after 100 s; log of the daemon:\n${tail(real.log())}`);
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
  // The last line may be incomplete; it is read the next time.
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

interface Child {
  /** Resolves with the first matching line of output. */
  line(pattern: RegExp): Promise<string>;
  output(): string;
  /** Sends SIGTERM and waits for the exit. */
  end(): Promise<void>;
}

/** Kills its command when standard input closes, for example because this process was killed. */
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
