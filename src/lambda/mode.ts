/** A Lambda function, as described by the environment. */
export interface LambdaMode {
  readonly functionName: string;
  /** The folder of the function's code. */
  readonly taskRoot: string;
  /** The function's handler as configured, e.g. `src/app.handler`; Lambda's own value. */
  readonly handler: string | undefined;
  /** Several invocations run at once in this process (Lambda Managed Instances). */
  readonly multiConcurrent: boolean;
}

/**
 * Detects a Lambda function. `sam local` sets the same variables but provides neither an X-Ray daemon
 * nor a trace header, so it does not count.
 *
 * @returns `undefined` outside Lambda
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function lambdaMode(
  env: Readonly<Record<string, string | undefined>>,
): LambdaMode | undefined {
  const functionName = env['AWS_LAMBDA_FUNCTION_NAME'];
  const taskRoot = env['LAMBDA_TASK_ROOT'];
  if (!functionName || !taskRoot || env['AWS_SAM_LOCAL']?.toLowerCase() === 'true') {
    return undefined;
  }
  return {
    functionName,
    taskRoot,
    handler: env['_HANDLER'] || undefined,
    multiConcurrent: env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined,
  };
}

/** Returns whether Lambda starts the process before there is a request for it (provisioned concurrency, SnapStart). */
export function isStartedAhead(env: Readonly<Record<string, string | undefined>>): boolean {
  const type = env['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? '';
  return type === 'provisioned-concurrency' || type === 'snap-start';
}
