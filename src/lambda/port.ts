import type { TranslatableSpan } from '../translator/span.ts';

/** What `register` offers to the wrapper of the handler. */
export interface LambdaPort {
  /** Sends everything finished before it returns, blocking at most that long. */
  flushSync(deadlineMs: number): void;
  /** Sends documents of spans that have not ended; they carry the attribute that says so. */
  sendInProgress(spans: readonly TranslatableSpan[]): void;
}

/** On the global object: `otel-xray/lambda` may be bundled into the function, `register` not. */
const KEY = Symbol.for('otel-xray.lambda.v1');
const holder = globalThis as { [KEY]?: LambdaPort | undefined };

export function openLambdaPort(port: LambdaPort | undefined): void {
  holder[KEY] = port;
}

/** @returns `undefined` when `register` has not run, e.g. in a unit test of the handler */
export function lambdaPort(): LambdaPort | undefined {
  return holder[KEY];
}
