import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts';
import { meetsRequirement } from './requirements.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FUNCTIONS = join(ROOT, 'test/lambda/functions');
const RIC_FOLDERS = ['node_modules/aws-lambda-ric', '.cache/ric/node_modules/aws-lambda-ric'];

/** The real runtime client that Lambda's Node runtime is made of; `undefined` when it is not installed. */
export function runtimeClient(): string | undefined {
  return RIC_FOLDERS.map((folder) => join(ROOT, folder, 'index.mjs')).find((file) =>
    existsSync(file),
  );
}

/** Its HTTP client is a native module, which is compiled only where install scripts may run. */
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

/** A function in a process of its own, frozen between invocations as in Lambda. */
export interface LambdaFunction extends AsyncDisposable {
  readonly api: RuntimeApi;
  readonly daemon: FakeDaemon;
  /** What the process printed. */
  output(): string;
  /** Resolves when what it printed matches. */
  said(pattern: RegExp): Promise<string>;
  /** Stops the process where it is, as Lambda does after an answer. */
  freeze(): void;
  thaw(): void;
  readonly ended: Promise<unknown>;
}

export interface FunctionOptions {
  /** E.g. `esm.handler`: module in `test/lambda/functions`, then the function's name. */
  readonly handler: string;
  /** Added to Lambda's own; `NODE_OPTIONS` stands for the built package of this folder. */
  readonly env?: Readonly<Record<string, string>>;
  /** The file that runs the handler; the real runtime client by default. */
  readonly runtime?: string;
  readonly taskRoot?: string;
  /** The Node that runs it; that of the tests by default. */
  readonly node?: string;
  /** Where the process starts; Lambda starts it in the task root. */
  readonly cwd?: string;
}

/** Starts a function with tracing by `--import`, as `NODE_OPTIONS` does it in Lambda. */
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
      LAMBDA_TASK_ROOT: options.taskRoot ?? FUNCTIONS,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'checkout',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/checkout',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]abc',
      AWS_REGION: 'eu-west-1',
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
    async said(pattern) {
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
