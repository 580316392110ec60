import type { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { apply } from './context-storage.ts';

type Listener = (...args: unknown[]) => unknown;
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;

type Name = 'on' | 'addListener' | 'prependListener' | 'once' | 'prependOnceListener';

/**
 * What the methods of a bound emitter need; they are the same functions for all emitters. Its fields are
 * private so that `console.log(request)` does not print them.
 */
class Binding {
  readonly #context: unknown;
  readonly #storage: AsyncLocalStorage<unknown>;
  /** The methods of the emitter itself. */
  readonly #on: Add;
  readonly #addListener: Add;
  readonly #prependListener: Add;

  constructor(
    emitter: Readonly<Record<string, Add>>,
    context: unknown,
    storage: AsyncLocalStorage<unknown>,
  ) {
    this.#context = context;
    this.#storage = storage;
    this.#on = emitter['on'] as Add;
    this.#addListener = emitter['addListener'] as Add;
    this.#prependListener = emitter['prependListener'] as Add;
  }

  method(name: Name): Add {
    if (name === 'on' || name === 'once') return this.#on;
    return name === 'addListener' ? this.#addListener : this.#prependListener;
  }

  /** Returns a listener that leaves one frame in the stack of an error. */
  inContext(listener: Listener): Wrapper {
    const storage = this.#storage;
    const context = this.#context;
    return function (this: unknown, ...args: unknown[]) {
      return storage.run(context, apply, listener, this, args);
    };
  }

  inContextOnce(listener: Listener, emitter: EventEmitter, event: string | symbol): Wrapper {
    const storage = this.#storage;
    const context = this.#context;
    let isFired = false;
    const wrapper = (...args: unknown[]): unknown => {
      if (isFired) return undefined;
      isFired = true;
      emitter.removeListener(event, wrapper);
      return storage.run(context, apply, listener, emitter, args);
    };
    return wrapper;
  }
}

const BOUND: unique symbol = Symbol('otel-xray bound');

type Bound = EventEmitter & { readonly [BOUND]?: Binding };

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
  storage: AsyncLocalStorage<Context>,
): boolean {
  const { prototype } = EventEmitter;
  const isUsual =
    emitter.once === prototype.once &&
    emitter.prependOnceListener === prototype.prependOnceListener;
  if (BOUND in emitter) return true;
  if (!isUsual) return false;
  const bound = emitter as unknown as Record<string, Add> & { [BOUND]: Binding };
  bound[BOUND] = new Binding(bound, context, storage as AsyncLocalStorage<unknown>);
  bound['on'] = boundOn;
  bound['addListener'] = boundAddListener;
  bound['prependListener'] = boundPrependListener;
  bound['once'] = boundOnce;
  bound['prependOnceListener'] = boundPrependOnceListener;
  return true;
}

const boundOn = adding('on');
const boundAddListener = adding('addListener');
const boundPrependListener = adding('prependListener');
const boundOnce = adding('once');
const boundPrependOnceListener = adding('prependOnceListener');

/** Returns a method that adds listeners, which run in the context of their emitter. */
function adding(name: Name): Add {
  const isOnce = name === 'once' || name === 'prependOnceListener';
  return function (this: EventEmitter, event, listener) {
    const binding = (this as Bound)[BOUND];
    if (binding === undefined) return inherited(this, name).call(this, event, listener);
    const add = binding.method(name);
    if (isAdding || typeof listener !== 'function') return add.call(this, event, listener);
    const wrapper = isOnce
      ? binding.inContextOnce(listener, this, event)
      : binding.inContext(listener);
    wrapper.listener = listener;
    isAdding = true;
    try {
      return add.call(this, event, wrapper);
    } finally {
      isAdding = false;
    }
  };
}

/** Returns the method of an emitter to which an app gave that of a bound one, as mocks of requests do. */
function inherited(emitter: EventEmitter, name: Name): Add {
  const own = Object.getPrototypeOf(emitter)?.[name];
  return typeof own === 'function' ? own : (EventEmitter.prototype[name] as Add);
}
