import { type Context, context } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { warnOnce } from '../diagnostics.ts';
import {
  type Invocation,
  inInvocation,
  type LambdaContext,
  type LambdaDeps,
  startInvocation,
} from './invocation.ts';
import type { Outcome } from './outcome.ts';

/** A handler: async, with a callback, or streaming. */
// biome-ignore lint/suspicious/noExplicitAny: events, contexts and results are the user's types
export type Handler = (...args: any[]) => any;

/** Set by `awslambda.streamifyResponse`. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
/** Set on wrapped handlers; shared by all copies of this package. */
const WRAPPED = Symbol.for('otel-xray.lambda.wrapped');

/** The arguments of one call. */
interface Call {
  readonly event: unknown;
  readonly lambdaContext: LambdaContext;
  /** The response stream of a streaming handler. */
  readonly stream: unknown;
  /** Index of the callback in the arguments; -1 without one. */
  readonly callbackAt: number;
}

/**
 * Wraps a Lambda handler. Each invocation becomes a subsegment of the function's segment, and all
 * documents are sent before the response.
 *
 * The wrapper keeps the handler's name, number of parameters and own properties, including those of
 * `awslambda.streamifyResponse`, which may be applied before or after. Returns a wrapped handler
 * unchanged.
 *
 * @throws {TypeError} if `handler` is not a function; the message quotes its type
 */
export function wrapWith<T extends Handler>(handler: T, deps: LambdaDeps): T {
  if (typeof handler !== 'function') {
    throw new TypeError(`Lambda handler is of type ${typeof handler}; expected a function`);
  }
  if (WRAPPED in handler) return handler;
  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    return invoke(handler, this, args, deps);
  };
  const {
    prototype: _,
    arguments: __,
    caller: ___,
    ...descriptors
  } = Object.getOwnPropertyDescriptors(handler) as PropertyDescriptorMap;
  Object.defineProperties(wrapped, descriptors);
  Object.defineProperty(wrapped, WRAPPED, { value: true });
  return wrapped as T;
}

function invoke(handler: Handler, self: unknown, args: unknown[], deps: LambdaDeps): unknown {
  const call = attempt('reading the arguments of a handler', () => callOf(handler, args));
  if (call === undefined) return handler.apply(self, args);
  // A middleware engine may call a wrapped handler inside a wrapped pipeline.
  if (inInvocation(call.lambdaContext)) return handler.apply(self, args);
  let invocation: Invocation;
  try {
    invocation = startInvocation(call.event, call.lambdaContext, deps);
  } catch (error) {
    warnOnce(`the Lambda invocation is not traced because of an internal error: ${String(error)}`);
    return handler.apply(self, args);
  }
  const end = endOnce(invocation);
  const wrappedArgs =
    call.callbackAt < 0
      ? args
      : (attempt('wrapping a callback', () => wrapCallbacks(call, args, end)) ?? args);
  let result: unknown;
  try {
    result = context.with(invocation.context, () => handler.apply(self, wrappedArgs));
  } catch (error) {
    end.finish({ error });
    throw error;
  }
  if (isThenable(result)) return whenSettled(result, call, end);
  if (call.callbackAt < 0) end.finish({ value: result, stream: call.stream });
  return result;
}

function whenSettled(result: PromiseLike<unknown>, { stream }: Call, end: End): Promise<unknown> {
  return Promise.resolve(result).then(
    (value) => {
      const sent = end.finish({ value, stream });
      return sent === undefined ? value : sent.then(() => value);
    },
    async (error: unknown) => {
      await end.finish({ error });
      throw error;
    },
  );
}

/** Ends an invocation; the first call counts. */
interface End {
  finish(outcome: Outcome): Promise<void> | undefined;
  /** Functions to run at the end. */
  readonly cleanUp: (() => void)[];
}

/** An error in the tracer must not reach the function. */
function endOnce(invocation: Invocation): End {
  const cleanUp: (() => void)[] = [];
  return {
    cleanUp,
    finish(outcome) {
      for (const each of cleanUp.splice(0)) each();
      try {
        return invocation.finish(outcome);
      } catch (error) {
        warnOnce(
          `the end of the Lambda invocation is not recorded because of an internal error: ${String(error)}`,
        );
        return undefined;
      }
    },
  };
}

function callOf(handler: Handler, args: readonly unknown[]): Call {
  const streaming = STREAMING in handler || (!isContext(args[1]) && isContext(args[2]));
  const lambdaContext = streaming ? args[2] : args[1];
  return {
    event: args[0],
    stream: streaming ? args[1] : undefined,
    lambdaContext: isObject(lambdaContext) ? lambdaContext : {},
    callbackAt: !streaming && typeof args[2] === 'function' ? 2 : -1,
  };
}

/**
 * Wraps the callback and its three predecessors `context.done`, `succeed` and `fail`. The first one
 * called, or the handler's promise, ends the invocation. If none is called, the invocation ends when
 * the event loop is empty, as in Lambda's runtime.
 */
function wrapCallbacks(
  { callbackAt, lambdaContext }: Call,
  args: readonly unknown[],
  end: End,
): unknown[] {
  const onEmpty = (): void => void end.finish({});
  process.prependOnceListener('beforeExit', onEmpty);
  end.cleanUp.push(() => process.off('beforeExit', onEmpty));
  const finishWith = (error: unknown, value: unknown): void =>
    void end.finish(error === null || error === undefined ? { value } : { error });
  const outside = context.active();
  const callback = args[callbackAt] as Handler;
  const wrapMethod = (name: string, before: Handler): void =>
    wrapLegacy(lambdaContext as Record<string, unknown>, name, before, outside);
  wrapMethod('done', finishWith);
  wrapMethod('succeed', (value) => finishWith(null, value));
  wrapMethod('fail', (error) => finishWith(error ?? new Error('failed'), undefined));
  const wrappedArgs = [...args];
  wrappedArgs[callbackAt] = (error?: unknown, value?: unknown): unknown => {
    finishWith(error, value);
    return context.with(outside, callback, undefined, error, value);
  };
  return wrappedArgs;
}

/** @param outside the context in which the runtime goes on, as after the callback */
function wrapLegacy(
  target: Record<string, unknown>,
  name: string,
  before: Handler,
  outside: Context,
): void {
  const original = target[name];
  if (typeof original !== 'function') return;
  // Without effect on a frozen object, whose method then goes unnoticed.
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]): unknown {
    before(...args);
    return context.with(outside, () => original.apply(this, args));
  });
}

function isContext(value: unknown): boolean {
  return isObject(value) && typeof value.getRemainingTimeInMillis === 'function';
}

function isObject(value: unknown): value is LambdaContext {
  return typeof value === 'object' && value !== null;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}
