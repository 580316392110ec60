import type { TextMapPropagator } from '@opentelemetry/api';
import { type XRayPropagatorOptions, xrayPropagator } from './xray.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Lambda provides the trace header of an invocation. */
export interface LambdaSources {
  readonly env: Environment;
  /** The second argument of the handler. */
  readonly handlerContext?: unknown;
  /** For tests; the global object otherwise. */
  readonly globals?: unknown;
}

/**
 * Returns the trace header of the running Lambda invocation. Never cache it: it changes with every
 * invocation.
 *
 * Sources in this order: the runtime's invoke store, the handler's context object, the environment.
 * The environment variable is process-wide, so it is ignored outside Lambda, and in processes that
 * run several invocations at once (Lambda Managed Instances).
 *
 * @see docs/spec/propagation.md section 7
 */
export function lambdaTraceHeader({
  env,
  handlerContext,
  globals = globalThis,
}: LambdaSources): string | undefined {
  const store = property(property(globals, 'awslambda'), 'InvokeStore');
  const fromStore = asText(callOf(store, 'getXRayTraceId'));
  if (fromStore !== undefined) return fromStore;
  const fromContext = asText(property(handlerContext, 'xRayTraceId'));
  if (fromContext !== undefined) return fromContext;
  // An empty store proves nothing: the AWS SDK creates one where the runtime client has none.
  const isConcurrent = env.AWS_LAMBDA_MAX_CONCURRENCY !== undefined;
  if (isConcurrent || asText(env.AWS_LAMBDA_FUNCTION_NAME) === undefined) return undefined;
  return asText(env._X_AMZN_TRACE_ID);
}

/**
 * Returns an {@link xrayPropagator} that uses the trace of the Lambda invocation if neither the
 * context nor the carrier has one.
 */
export function xrayLambdaPropagator(
  env: Environment = process.env,
  options: XRayPropagatorOptions = {},
): TextMapPropagator {
  return xrayPropagator({ ambientHeader: () => lambdaTraceHeader({ env }), ...options });
}

function property(object: unknown, key: string): unknown {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
    return undefined;
  }
  return (object as Record<string, unknown>)[key] ?? undefined;
}

function callOf(object: unknown, method: string): unknown {
  const callable = property(object, method);
  if (typeof callable !== 'function') return undefined;
  try {
    return callable.call(object);
  } catch {
    // Some runtimes throw outside an invocation, when there is no trace yet.
    return undefined;
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
