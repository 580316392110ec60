import { types } from 'node:util';
import { argumentCopies, type CopyArguments } from '../wrap/argument-copies.ts';
import { attempt, countUnknownFailure, reportFailure } from '../wrap/guard.ts';
import { type AnyFunction, like, named } from '../wrap/same-shape.ts';
import { contextOnlyWrapper } from './context-only.ts';

/** Returns the replacement of `original`. */
export type Wrapper = (original: AnyFunction, name: PropertyKey) => AnyFunction;
type NewTarget = AnyFunction | undefined;

/** The part of an instrumentation that replaces functions. */
interface Wrapping {
  _wrap?(target: object, name: PropertyKey, wrapper: Wrapper): unknown;
}

/** The state of an app function while an instrumentation's wrapper runs. */
interface Progress {
  state: 'not called' | 'called' | 'returned' | 'threw';
  /** The value it returned or threw. */
  outcome: unknown;
}

/** One call of a wrapped function. */
interface Call extends Progress {
  /** The arguments passed by the app. */
  readonly appArgs: readonly unknown[];
  /** The arguments passed to the wrapper: the same, except that calls of callbacks are tracked. */
  wrapperArgs: readonly unknown[];
}

/** One wrapped function. */
interface Site {
  readonly instrumentation: string;
  readonly original: AnyFunction;
  /** Whether callbacks are watched: not those that are added and removed by identity. */
  readonly watchesCallbacks: boolean;
  /** The arguments that the wrapper changes. */
  readonly copyArguments: CopyArguments | undefined;
  /** The innermost call whose wrapper has not yet called the original. */
  call: Call | undefined;
  /** Calls of the original that came after their wrapper had returned. */
  lateCalls: number;
  /** Whether the code around a callback has thrown, so that its next error is caught and logged. */
  hasFailedCallbacks: boolean;
}

/** How many wrapped functions are on the stack. */
let depth = 0;

const LISTENER_METHODS =
  /^(?:on|off|once|(?:add|remove|prepend|prependOnce)(?:Event)?Listener|(?:un)?subscribe)$/;

/**
 * Instrumentations whose callbacks are not watched: that of http only binds them to a context; that of
 * Koa guards middleware that has a span, and watching would take four frames for each other one; Nest
 * finds the decorators of a handler, such as its guards, by the identity of the function; and Restify
 * accepts a handler without `next` only if it is an `async` function.
 */
const UNWATCHED: ReadonlySet<string> = new Set(['http', 'koa', 'nestjs-core', 'restify']);

/**
 * Guards every function that an instrumentation wraps from now on: if the code of the
 * instrumentation throws, the app's own function is still called exactly once, and the app receives
 * its result or error.
 *
 * This applies to synchronous code, to a promise that a wrapper derives from the app's promise, and
 * to callbacks with which a wrapper replaces those of the app.
 */
export function guardWraps(instrumentation: string, instance: object): void {
  const wrapping = instance as Wrapping;
  const wrap = wrapping._wrap;
  if (wrap === undefined) return;
  wrapping._wrap = (target, name, wrapper) => {
    const isContextOnly = instrumentation === 'http' && name === 'emit';
    const guard = isContextOnly ? contextOnlyWrapper : guardedWrapper;
    const guarded = ownGuards.has(wrapper)
      ? wrapper
      : guard(instrumentation, wrapper, isRequestEvent);
    return wrap.call(instance, target, name, guarded);
  };
}

/** Wrappers whose functions call that of the app whatever fails in them. */
const ownGuards = new WeakSet<Wrapper>();

/** Says that the functions of a wrapper need no guard. */
export function ownGuard(wrapper: Wrapper): Wrapper {
  ownGuards.add(wrapper);
  return wrapper;
}

/** Returns whether an event is the only one of a server that the http instrumentation uses. */
function isRequestEvent([event]: readonly unknown[]): boolean {
  return event === 'request';
}

/** Returns a wrapper whose functions are guarded as described at {@link guardWraps}. */
export function guardedWrapper(instrumentation: string, wrapper: Wrapper): Wrapper {
  return (original, name) => {
    const site: Site = {
      instrumentation,
      original,
      watchesCallbacks: !UNWATCHED.has(instrumentation) && !LISTENER_METHODS.test(String(name)),
      copyArguments: argumentCopies(instrumentation, name),
      call: undefined,
      lateCalls: 0,
      hasFailedCallbacks: false,
    };
    const wrapped = wrapper(like(original, originalOf(site)), name);
    if (typeof wrapped !== 'function') return wrapped;
    return named(original, like(wrapped, guarded(site, wrapped)));
  };
}

// Each function below adds a frame to the stack of every error of the app, and Node.js keeps ten
// frames. Therefore no helper functions are between the app and its own function.

/** Returns the function that the app calls. */
function guarded(site: Site, wrapped: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const newTarget = new.target as NewTarget;
    const call: Call = {
      state: 'not called',
      outcome: undefined,
      appArgs: args,
      wrapperArgs: args,
    };
    if (site.watchesCallbacks && args.some(isFunction)) call.wrapperArgs = args.map(watched);
    if (site.copyArguments !== undefined) copyForWrapper(site, call);
    const { lateCalls, call: outer } = site;
    const callApp = (): unknown =>
      newTarget === undefined
        ? site.original.apply(this, args)
        : Reflect.construct(site.original, args, newTarget);
    site.call = call;
    depth += 1;
    let result: unknown;
    try {
      result =
        newTarget === undefined
          ? wrapped.apply(this, call.wrapperArgs as unknown[])
          : Reflect.construct(wrapped, call.wrapperArgs, newTarget);
    } catch (error) {
      site.call = outer;
      return recover(site, call, error, callApp);
    } finally {
      depth -= 1;
    }
    site.call = outer;
    // Some wrappers do not return the result of the app's function.
    if (result === undefined) return call.state === 'returned' ? call.outcome : undefined;
    if (result === call.outcome || !isPlainPromise(result)) return result;
    if (call.state === 'returned') return settledAs(site, result, call.outcome);
    return result.catch((error: unknown) => {
      const hasCalled = call.state !== 'not called' || site.lateCalls !== lateCalls;
      if (hasCalled) throw error;
      reportFailure(site.instrumentation, error);
      return callApp();
    });
  };
}

/** Returns the function that the wrapper calls in place of the app's function. */
function originalOf(site: Site): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const newTarget = new.target as NewTarget;
    const { call, original } = site;
    if (call === undefined) {
      site.lateCalls += 1;
      return newTarget === undefined
        ? original.apply(this, args)
        : Reflect.construct(original, args, newTarget);
    }
    site.call = undefined;
    const passed =
      call.appArgs === call.wrapperArgs ? args : withGuardedCallbacks(site, call, args);
    call.state = 'called';
    try {
      call.outcome =
        newTarget === undefined
          ? original.apply(this, passed as unknown[])
          : Reflect.construct(original, passed, newTarget);
    } catch (errorOfApp) {
      noteAppError(call, errorOfApp);
      throw errorOfApp;
    }
    call.state = 'returned';
    return call.outcome;
  };
}

/** Errors that the app's functions threw. */
const appErrors = new WeakSet<object>();

function noteAppError(progress: Progress, error: unknown): void {
  progress.state = 'threw';
  progress.outcome = error;
  if (isObject(error)) appErrors.add(error);
}

/** Continues without the code that threw `error`. */
function recover(
  { instrumentation }: Site,
  { state, outcome }: Progress,
  error: unknown,
  callApp: () => unknown,
): unknown {
  const hasThrown = state === 'threw';
  const isOfApp = (hasThrown && error === outcome) || (isObject(error) && appErrors.has(error));
  if (!isOfApp) reportFailure(instrumentation, error);
  const errorOfApp = isOfApp ? error : outcome;
  // Node prints this line for an error that ends the app.
  if (isOfApp || hasThrown) throw errorOfApp;
  return state === 'not called' ? callApp() : outcome;
}

/** Returns the promise of the wrapper, or that of the app if the instrumentation's code rejects. */
function settledAs(site: Site, promise: Promise<unknown>, appPromise: unknown): Promise<unknown> {
  if (!isThenable(appPromise)) return promise;
  return promise.catch(async (error: unknown) => {
    const value = await appPromise;
    reportFailure(site.instrumentation, error);
    return value;
  });
}

/** The state of an app callback while an instrumentation's callback runs around it. */
interface CallbackProgress extends Progress {
  readonly callback: AnyFunction;
  /** Whether an error of the callback is caught and thrown again. */
  readonly isCaught: boolean;
}

let callbackProgress: CallbackProgress | undefined;

/** Returns a callback of the app whose calls are tracked. */
function watched(value: unknown): unknown {
  if (!isFunction(value)) return value;
  return new Proxy(value, {
    apply(callback, self, args) {
      const progress = callbackProgress;
      if (progress?.callback !== callback) return callback.apply(self, args);
      progress.state = 'called';
      if (!progress.isCaught) {
        progress.outcome = callback.apply(self, args);
        progress.state = 'returned';
        return progress.outcome;
      }
      try {
        progress.outcome = callback.apply(self, args);
      } catch (errorOfApp) {
        noteAppError(progress, errorOfApp);
        throw errorOfApp;
      }
      progress.state = 'returned';
      return progress.outcome;
    },
  });
}

/**
 * Returns the arguments that a wrapper passes on, with the app's own callbacks restored and
 * callbacks of the instrumentation guarded.
 */
function withGuardedCallbacks(
  site: Site,
  { appArgs, wrapperArgs }: Call,
  args: readonly unknown[],
): readonly unknown[] {
  return args.map((arg, index) => {
    if (!isFunction(arg)) return arg;
    const at = wrapperArgs.indexOf(arg);
    if (at >= 0) return appArgs[at];
    const replaced = isFunction(appArgs[index]) ? appArgs[index] : appArgs.findLast(isFunction);
    return replaced === undefined ? arg : guardedCallback(site, arg, replaced);
  });
}

/**
 * Guards a callback of an instrumentation. The error of a callback from the event loop usually ends the
 * process and passes through a `finally` block only: an error that is caught and thrown again is printed
 * with the line that throws it again. The price is that an error of the instrumentation is unknown the
 * first time.
 */
function guardedCallback(site: Site, given: AnyFunction, callback: AnyFunction): AnyFunction {
  return new Proxy(given, {
    apply(target, self, args) {
      const outer = callbackProgress;
      const isCaught = depth > 0 || site.hasFailedCallbacks;
      const progress: CallbackProgress = {
        state: 'not called',
        outcome: undefined,
        callback,
        isCaught,
      };
      const callApp = (): unknown => callback.apply(self, args);
      let hasReturned = isCaught;
      callbackProgress = progress;
      try {
        if (isCaught) return callCatching(site, progress, [target, self, args], callApp);
        const result = target.apply(self, args);
        hasReturned = true;
        return result;
      } finally {
        callbackProgress = outer;
        if (!hasReturned && progress.state !== 'called') {
          site.hasFailedCallbacks = true;
          countUnknownFailure(site.instrumentation);
          // biome-ignore lint/correctness/noUnsafeFinally: the error of the instrumentation ends here
          return progress.state === 'returned' ? progress.outcome : callApp();
        }
      }
    },
  });
}

function callCatching(
  site: Site,
  progress: CallbackProgress,
  [target, self, args]: readonly [target: AnyFunction, self: unknown, args: unknown[]],
  callApp: () => unknown,
): unknown {
  try {
    return target.apply(self, args);
  } catch (error) {
    return recover(site, progress, error, callApp);
  }
}

/**
 * A getter of the app may throw. The wrapper then receives the app's objects and must not change
 * them.
 */
function copyForWrapper(site: Site, call: Call): void {
  const copies = attempt(site.instrumentation, () => site.copyArguments?.(call.wrapperArgs));
  if (copies !== undefined) call.wrapperArgs = copies;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && isFunction((value as { readonly then?: unknown }).then);
}

/** Returns whether a promise has no additional members, so that a promise derived from it is equivalent. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return (
    types.isPromise(value) &&
    Object.getPrototypeOf(value) === Promise.prototype &&
    Object.keys(value).length === 0
  );
}
