import { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => unknown;
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;

/** The storage of a context manager, `AsyncLocalStorage`. */
export interface Storage<Context> {
  run(context: Context, fn: typeof Reflect.apply, ...args: ApplyArguments): unknown;
}
type ApplyArguments = [listener: Listener, self: unknown, args: unknown[]];

/** Leaves no frame in the stack of an error, unlike a function that calls the listener. */
const { apply } = Reflect;

/** What the methods of a bound emitter need; they are the same functions for all emitters. */
interface Binding {
  readonly context: unknown;
  readonly storage: Storage<unknown>;
  /** The methods of the emitter itself. */
  readonly on: Add;
  readonly addListener: Add;
  readonly prependListener: Add;
}

const BOUND: unique symbol = Symbol('otel-xray bound');

type Bound = EventEmitter & { [BOUND]: Binding };

/** A listener, as Node.js marks those that it wraps itself: the listener of the app is a property. */
interface Wrapper extends Listener {
  listener?: Listener;
}

/** Set while a listener is added: some emitters add by another method of the same emitter. */
let isAdding = false;

/**
 * Lets the listeners that are added to an emitter from now on run in a context.
 *
 * The context manager of OpenTelemetry replaces eight methods of each emitter, keeps a map of
 * listeners per event, and `listeners()` returns its wrappers. Here a wrapper refers to the listener
 * of the app by the property `listener`, as those of `once` do, so that `removeListener()`,
 * `listeners()` and `listenerCount()` of Node.js work as they are.
 *
 * @returns `false` if the emitter has its own `once`, and nothing was changed
 */
export function bindEmitter<Context>(
  emitter: EventEmitter,
  context: Context,
  storage: Storage<Context>,
): boolean {
  const { prototype } = EventEmitter;
  const isUsual =
    emitter.once === prototype.once &&
    emitter.prependOnceListener === prototype.prependOnceListener;
  if (BOUND in emitter) return true;
  if (!isUsual) return false;
  const bound = emitter as unknown as Record<string, Add> & { [BOUND]: Binding };
  const { on, addListener, prependListener } = bound as Readonly<Record<string, Add>>;
  bound[BOUND] = { context, storage, on, addListener, prependListener } as Binding;
  bound['on'] = boundOn;
  bound['addListener'] = boundAddListener;
  bound['prependListener'] = boundPrependListener;
  bound['once'] = boundOnce;
  bound['prependOnceListener'] = boundPrependOnceListener;
  return true;
}

const boundOn = adding('on', inContext);
const boundAddListener = adding('addListener', inContext);
const boundPrependListener = adding('prependListener', inContext);
const boundOnce = adding('on', inContextOnce);
const boundPrependOnceListener = adding('prependListener', inContextOnce);

/** Returns a method that adds listeners, which run in the context of their emitter. */
function adding(
  method: 'on' | 'addListener' | 'prependListener',
  wrapped: (
    binding: Binding,
    emitter: EventEmitter,
    event: string | symbol,
    l: Listener,
  ) => Wrapper,
): Add {
  return function (this: EventEmitter, event, listener) {
    const binding = (this as Bound)[BOUND];
    const add = binding[method];
    if (isAdding || typeof listener !== 'function') return add.call(this, event, listener);
    const wrapper = wrapped(binding, this, event, listener);
    wrapper.listener = listener;
    isAdding = true;
    try {
      return add.call(this, event, wrapper);
    } finally {
      isAdding = false;
    }
  };
}

function inContext(
  { storage, context }: Binding,
  _emitter: EventEmitter,
  _event: string | symbol,
  listener: Listener,
): Wrapper {
  return function (this: unknown, ...args: unknown[]) {
    return storage.run(context, apply, listener, this, args);
  };
}

function inContextOnce(
  { storage, context }: Binding,
  emitter: EventEmitter,
  event: string | symbol,
  listener: Listener,
): Wrapper {
  let isFired = false;
  const wrapper = (...args: unknown[]): unknown => {
    if (isFired) return undefined;
    isFired = true;
    emitter.removeListener(event, wrapper);
    return storage.run(context, apply, listener, emitter, args);
  };
  return wrapper;
}
