import { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => unknown;
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;

/** Calls a function in the context of the emitter. */
export type CallInContext = (fn: typeof Reflect.apply, ...args: ApplyArguments) => unknown;
type ApplyArguments = [listener: Listener, self: unknown, args: unknown[]];

/** Leaves no frame in the stack of an error, unlike a function that calls the listener. */
const { apply } = Reflect;

const BOUND: unique symbol = Symbol('otel-xray bound');

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
export function bindEmitter(emitter: EventEmitter, call: CallInContext): boolean {
  const { prototype } = EventEmitter;
  const isUsual =
    emitter.once === prototype.once &&
    emitter.prependOnceListener === prototype.prependOnceListener;
  if (BOUND in emitter) return true;
  if (!isUsual) return false;

  const inContext = (listener: Listener): Wrapper =>
    function (this: unknown, ...args: unknown[]) {
      return call(apply, listener, this, args);
    };
  const inContextOnce = (event: string | symbol, listener: Listener): Wrapper => {
    let isFired = false;
    const wrapper = (...args: unknown[]): unknown => {
      if (isFired) return undefined;
      isFired = true;
      emitter.removeListener(event, wrapper);
      return call(apply, listener, emitter, args);
    };
    return wrapper;
  };
  const adding = (add: Add, wrapped: typeof inContextOnce): Add =>
    function (this: EventEmitter, event, listener) {
      if (isAdding || typeof listener !== 'function') return add.call(this, event, listener);
      const wrapper = wrapped(event, listener);
      wrapper.listener = listener;
      isAdding = true;
      try {
        return add.call(this, event, wrapper);
      } finally {
        isAdding = false;
      }
    };
  const always = (_event: string | symbol, listener: Listener) => inContext(listener);
  const methods = emitter as unknown as Record<string, Add> & { [BOUND]?: true };
  const { on, addListener, prependListener } = methods as Readonly<Record<string, Add>>;
  methods[BOUND] = true;
  methods['on'] = adding(on as Add, always);
  methods['addListener'] = adding(addListener as Add, always);
  methods['prependListener'] = adding(prependListener as Add, always);
  methods['once'] = adding(on as Add, inContextOnce);
  methods['prependOnceListener'] = adding(prependListener as Add, inContextOnce);
  return true;
}
