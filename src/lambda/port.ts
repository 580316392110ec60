import type { TranslatableSpan } from '../translator/span.ts';

/** What `register` provides to the handler's wrapper. */
export interface LambdaPort {
  /** Sends all finished spans synchronously; blocks for at most `deadlineMs` milliseconds. */
  flushSync(deadlineMs: number): void;
  /** Sends in-progress documents of open spans. */
  sendInProgress(spans: readonly TranslatableSpan[]): void;
}

/** A property of the global object, because `otel-xray/lambda` may be bundled while `register` is not. */
const KEY = Symbol.for('otel-xray.lambda.v1');
const holder = globalThis as { [KEY]?: LambdaPort | undefined };

export function openLambdaPort(port: LambdaPort | undefined): void {
  holder[KEY] = port;
}

/** @returns `undefined` if `register` has not run, e.g. in a unit test of the handler */
export function lambdaPort(): LambdaPort | undefined {
  return holder[KEY];
}
