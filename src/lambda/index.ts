import { warnOnce } from '../diagnostics.ts';
import { handlerFile } from './handler-file.ts';
import type { LambdaDeps } from './invocation.ts';
import { isStartedAhead, type LambdaMode } from './mode.ts';
import { type LambdaPort, openLambdaPort } from './port.ts';
import { watchHandler } from './watch-handler.ts';
import { type Handler, wrapWith } from './wrap.ts';

export { type LambdaMode, lambdaMode } from './mode.ts';
export { openSpansProcessor } from './open-spans.ts';
export { isInvocationParent } from './parent.ts';
export type { LambdaPort } from './port.ts';
export type { Handler } from './wrap.ts';

/** A function that waited longer for its first request was started ahead of any. */
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
    env,
    globals: globalThis,
    takeColdStart() {
      const isCold = first && ageMs() < COLD_START_MS && !isStartedAhead(env);
      first = false;
      return isCold;
    },
  };
}

/**
 * Traces the invocations of a Lambda handler: async, with a callback, or streaming (before or after
 * `awslambda.streamifyResponse`).
 *
 * Needed only where the handler cannot be seen loading: in code bundled with a runtime of your own,
 * and for ESM handlers on Node below 22.15. A handler that is wrapped already is given back.
 *
 * @throws {TypeError} when `handler` is no function
 * @example
 * export const handler = wrapHandler(async (event) => ({ statusCode: 200 }));
 */
export function wrapHandler<T extends Handler>(handler: T): T {
  return wrapWith(handler, realDeps());
}

/**
 * Starts Lambda mode: the function's configured handler is wrapped when the runtime loads it.
 *
 * @param port what the wrapper may ask of the exporter
 * @returns takes both back
 */
export function startLambda(mode: LambdaMode, port: LambdaPort): () => void {
  openLambdaPort(port);
  const file = handlerFile(mode);
  if (file === undefined) {
    warnOnce(`the handler ${JSON.stringify(mode.handler)} is not wrapped: no such file`);
  }
  const stop = file === undefined ? () => {} : watchHandler(file, wrapHandler);
  return () => {
    stop();
    openLambdaPort(undefined);
  };
}
