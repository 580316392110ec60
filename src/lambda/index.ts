import { warnOnce } from '../diagnostics.ts';
import { handlerFile } from './handler-file.ts';
import type { LambdaDeps } from './invocation.ts';
import { isStartedAhead, type LambdaMode } from './mode.ts';
import { type LambdaPort, openLambdaPort } from './port.ts';
import { watchHandler } from './watch-handler.ts';
import { type Handler, wrapWith } from './wrap.ts';

export { type LambdaMode, lambdaMode } from './mode.ts';
export { openSpansProcessor } from './open-spans.ts';
export type { LambdaPort } from './port.ts';
export type { Handler } from './wrap.ts';

/** A process older than this at its first invocation was not started by that invocation. */
const COLD_START_MS = 10_000;

let deps: LambdaDeps | undefined;

function realDeps(): LambdaDeps {
  deps ??= lambdaDeps(process.env, () => process.uptime() * 1_000);
  return deps;
}

/** @param ageMs milliseconds since the process started */
export function lambdaDeps(env: LambdaDeps['env'], ageMs: () => number): LambdaDeps {
  let first = true;
  return {
    env: invocationEnv(env),
    globals: globalThis,
    takeColdStart() {
      const isCold = first && ageMs() < COLD_START_MS && !isStartedAhead(env);
      first = false;
      return isCold;
    },
  };
}

/**
 * Returns the variables that an invocation needs. Only the trace header is read each time: to read a variable of the
 * process takes 2 µs.
 */
function invocationEnv(env: LambdaDeps['env']): LambdaDeps['env'] {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_MAX_CONCURRENCY } = env;
  return {
    AWS_LAMBDA_FUNCTION_NAME,
    AWS_LAMBDA_MAX_CONCURRENCY,
    get _X_AMZN_TRACE_ID() {
      return env['_X_AMZN_TRACE_ID'];
    },
  };
}

/**
 * Traces the invocations of a Lambda handler: async, with a callback, or streaming (before or after
 * `awslambda.streamifyResponse`).
 *
 * Needed only where the handler's module cannot be observed while it loads: in code bundled with a
 * custom runtime, and for ESM handlers on Node below 22.15. Returns a wrapped handler unchanged.
 *
 * @throws {TypeError} if `handler` is not a function
 * @example
 * export const handler = wrapHandler(async (event) => ({ statusCode: 200 }));
 */
export function wrapHandler<T extends Handler>(handler: T): T {
  return wrapWith(handler, realDeps());
}

/**
 * Starts Lambda mode: wraps the configured handler when the runtime loads its module.
 *
 * @param port what the wrapper needs from the exporter
 * @returns a function that stops Lambda mode
 */
export function startLambda(mode: LambdaMode, port: LambdaPort): () => void {
  openLambdaPort(port);
  const file = handlerFile(mode);
  if (file === undefined) {
    warnOnce(`_HANDLER=${JSON.stringify(mode.handler)} is not traced: its file does not exist`);
  }
  const stop = file === undefined ? () => {} : watchHandler(file, wrapHandler, mode.isEmulated);
  return () => {
    stop();
    openLambdaPort(undefined);
  };
}
