import type { TextMapPropagator } from '@opentelemetry/api';
import { type XRayPropagatorOptions, xrayPropagator } from './xray.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The places where Lambda tells an invocation its trace. */
export interface LambdaSources {
  readonly env: Environment;
  /** The second argument of the handler. */
  readonly handlerContext?: unknown;
  /** For tests; the global object otherwise. */
  readonly globals?: unknown;
}

/**
 * The trace header of the running Lambda invocation; ask anew for each invocation.
 *
 * The invocation's own store comes first, then the handler's context, then the environment. The
 * environment belongs to the whole process: it is left out outside Lambda, and where several
 * invocations run in one process at a time.
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
  const isConcurrent = store !== undefined || asText(env.AWS_LAMBDA_MAX_CONCURRENCY) !== undefined;
  if (isConcurrent || asText(env.AWS_LAMBDA_FUNCTION_NAME) === undefined) return undefined;
  return asText(env._X_AMZN_TRACE_ID);
}

/** As {@link xrayPropagator}, but Lambda's invocation comes before the carrier. */
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
    // Outside an invocation some runtimes throw here: then there is no trace yet.
    return undefined;
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
