/** The part of a handler's context object that we read; anybody may call a handler with anything. */
export interface LambdaContext {
  readonly awsRequestId?: unknown;
  readonly functionName?: unknown;
  readonly invokedFunctionArn?: unknown;
  readonly xRayTraceId?: unknown;
  readonly getRemainingTimeInMillis?: unknown;
}

interface InvokeStore {
  getXRayTraceId?(): unknown;
}

/**
 * The X-Ray header of the running invocation, as Lambda gives it.
 *
 * First the invoke store (per invocation even when several run at once), then the handler's
 * context, then the environment variable, which is one for the whole process and therefore means
 * nothing where invocations run concurrently.
 *
 * @param globals the global object
 * @see spec/propagation.md section 7; aws/aws-xray-sdk-node#760 for what goes wrong otherwise
 */
export function invocationHeader(
  globals: object,
  context: LambdaContext,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const store = (globals as { awslambda?: { InvokeStore?: InvokeStore } }).awslambda?.InvokeStore;
  const stored = headerText(readStore(store)) ?? headerText(context.xRayTraceId);
  if (stored !== undefined) return stored;
  if (env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined) return undefined;
  return env['AWS_LAMBDA_FUNCTION_NAME'] ? headerText(env['_X_AMZN_TRACE_ID']) : undefined;
}

function readStore(store: InvokeStore | undefined): unknown {
  try {
    return store?.getXRayTraceId?.();
  } catch {
    return undefined;
  }
}

function headerText(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
