import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts';
import { LAMBDA_ENV } from './places.ts';
import { meetsRequirement } from './requirements.ts';
import { printIfTestFails, tail } from './run.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FUNCTIONS = join(ROOT, 'test/lambda/functions');
const RIC_FOLDERS = ['node_modules/aws-lambda-ric', '.cache/ric/node_modules/aws-lambda-ric'];

/** Returns the path of AWS's runtime interface client for Node; `undefined` if it is not installed. */
function runtimeClient(): string | undefined {
  return RIC_FOLDERS.map((folder) => join(ROOT, folder, 'index.mjs')).find((file) =>
    existsSync(file),
  );
}

/** Replaces its native HTTP client, which is compiled only if install scripts are allowed. */
function nativeClient(runtime: string): string {
  const isCompiled = existsSync(join(dirname(runtime), 'rapid-client.node'));
  return isCompiled ? '' : `--require ${join(ROOT, 'test/support/rapid-client.cjs')}`;
}

/** Returns whether the runtime client is installed; prints the reason for a skip if not. */
export function hasRuntimeClient(): boolean {
  return meetsRequirement(
    runtimeClient() === undefined
      ? `no aws-lambda-ric in ${RIC_FOLDERS.join(' or ')}; run npm install`
      : undefined,
  );
}

/** A Lambda function in its own process, which can be frozen between invocations as in Lambda. */
export interface LambdaFunction extends AsyncDisposable {
  readonly api: RuntimeApi;
  readonly daemon: FakeDaemon;
  /** Returns the output of the process so far. */
  output(): string;
  /** Resolves when the output matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Stops the process, as Lambda does after a response. */
  freeze(): void;
  thaw(): void;
  readonly ended: Promise<unknown>;
}

export interface FunctionOptions {
  /** E.g. `esm.handler`: module in `test/lambda/functions` and name of the function. */
  readonly handler: string;
  /** Added to Lambda's variables; `NODE_OPTIONS` loads the built package by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** File that runs the handler; the runtime interface client by default. */
  readonly runtime?: string;
  readonly taskRoot?: string;
  /** Path of the Node binary; that of the tests by default. */
  readonly node?: string;
  /** Working directory; Lambda uses the task root. */
  readonly cwd?: string;
}

/** Starts a function with tracing through `--import` in `NODE_OPTIONS`, as in Lambda. */
export async function startFunction(options: FunctionOptions): Promise<LambdaFunction> {
  const api = await startRuntimeApi();
  const daemon = await startFakeDaemon();
  const runtime = options.runtime ?? runtimeClient() ?? 'no runtime client';
  const { NODE_OPTIONS: tracing = `--import ${join(ROOT, 'dist/register.cjs')}`, ...env } =
    options.env ?? {};
  const child: ChildProcess = spawn(options.node ?? process.execPath, [runtime], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `${nativeClient(runtime)} ${tracing}`,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
      _HANDLER: options.handler,
      ...LAMBDA_ENV,
      LAMBDA_TASK_ROOT: options.taskRoot ?? FUNCTIONS,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const printed = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
      printed.emit('more');
    });
  }
  printIfTestFails(() => tail(output));
  const ended = once(child, 'exit');
  const signal = (name: NodeJS.Signals) => (): void => {
    child.kill(name);
  };
  const killed = signal('SIGKILL');
  process.once('exit', killed);
  return {
    api,
    daemon,
    ended,
    output: () => output,
    async logged(pattern) {
      while (!pattern.test(output)) await once(printed, 'more');
      return output;
    },
    freeze: signal('SIGSTOP'),
    thaw: signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      process.off('exit', killed);
      killed();
      if (child.exitCode === null && child.signalCode === null) await ended;
      await api[Symbol.asyncDispose]();
      await daemon.close();
    },
  };
}
