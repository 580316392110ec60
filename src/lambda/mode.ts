import { workingDirectory } from '../working-directory.ts';

/** A Lambda function, as described by the environment. */
export interface LambdaMode {
  readonly functionName: string;
  /** The folder of the function's code. */
  readonly taskRoot: string;
  /** The function's handler as configured, e.g. `src/app.handler`; Lambda's own value. */
  readonly handler: string | undefined;
  /** Several invocations run at once in this process (Lambda Managed Instances). */
  readonly multiConcurrent: boolean;
  /**
   * An emulator runs the function. It sets Lambda's variables but provides neither a daemon, a sampling
   * decision nor the segment of the function.
   */
  readonly isEmulated: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Detects a Lambda function, also in an emulator.
 *
 * @param codeFolder returns the folder of the code for emulators that name a folder of Lambda
 * @returns `undefined` outside Lambda
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function lambdaMode(
  env: Environment,
  codeFolder: () => string = offlineFolder,
): LambdaMode | undefined {
  const functionName = env['AWS_LAMBDA_FUNCTION_NAME'];
  const taskRoot = env['LAMBDA_TASK_ROOT'];
  if (!functionName || !taskRoot) return undefined;
  const isOffline = isServerlessOffline(env);
  return {
    functionName,
    taskRoot: isOffline ? codeFolder() : taskRoot,
    handler: env['_HANDLER'] || undefined,
    multiConcurrent: env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined,
    isEmulated: isOffline || isSamLocal(env) || isInterfaceEmulator(env),
  };
}

function isSamLocal(env: Environment): boolean {
  return env['AWS_SAM_LOCAL']?.toLowerCase() === 'true';
}

/** `serverless-offline` runs functions in threads, without a runtime API. */
function isServerlessOffline(env: Environment): boolean {
  return env['IS_OFFLINE'] === 'true' && !env['AWS_LAMBDA_RUNTIME_API'];
}

/**
 * The Runtime Interface Emulator in the container images of Lambda has these defaults. A name that was
 * set for it is not recognized, because the log group alone may be that of a deployed function.
 */
function isInterfaceEmulator(env: Environment): boolean {
  return (
    env['AWS_LAMBDA_FUNCTION_NAME'] === 'test_function' &&
    env['AWS_LAMBDA_LOG_GROUP_NAME'] === '/aws/lambda/Functions'
  );
}

/** Returns the folder of the code in `serverless-offline`, which a bundler plugin may have set. */
function offlineFolder(): string {
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const folder = (workerData as { readonly servicePath?: unknown } | null)?.servicePath;
  return typeof folder === 'string' ? folder : (workingDirectory() ?? '');
}

/** Returns whether Lambda starts the process before there is a request for it (provisioned concurrency, SnapStart). */
export function isStartedAhead(env: Environment): boolean {
  const type = env['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? '';
  return type === 'provisioned-concurrency' || type === 'snap-start';
}
