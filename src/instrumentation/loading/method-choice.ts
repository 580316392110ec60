import type { AnyFunction } from '../wrap/same-shape.ts';

/**
 * Replaces a method of a prototype by an accessor that chooses a function for each object.
 *
 * An object that gets the original function has no frame of ours in its stacks. Node.js keeps ten
 * frames, and a file that another one requires takes nine: with one of ours in them, the stack of an
 * app that fails to start would not show which file required the one that failed. An assignment by
 * other code behaves as if the method were a plain one.
 *
 * @param choose also called with the prototype itself, when other code is about to wrap the method
 * @returns restores the original function, unless other code has replaced the method since
 */
export function chooseMethod<T extends object>(
  prototype: T,
  name: keyof T & string,
  choose: (object: T) => unknown,
): () => void {
  const original = prototype[name];
  const assign = (object: T, value: unknown): void => {
    Object.defineProperty(object, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  };
  const get = function (this: T): unknown {
    return choose(this);
  };
  const set = function (this: T, value: unknown): void {
    assign(this, value);
  };
  Object.defineProperty(prototype, name, { configurable: true, enumerable: true, get, set });
  const removeName = nameInStacks(original as AnyFunction, name);
  return () => {
    removeName();
    if (Object.getOwnPropertyDescriptor(prototype, name)?.get === get) assign(prototype, original);
  };
}

/** V8 of Node 20 shows the name by which the source assigns a function. */
const INFERS_NAMES = process.version.startsWith('v20.');

/**
 * Names a function without a name after its property. V8 shows such a function in stacks by the property
 * that holds it. Behind an accessor or a wrapper it would not find it, and `Module.load` of Node.js would
 * be `Module.<anonymous>`.
 *
 * @returns removes the name
 */
export function nameInStacks(original: AnyFunction, name: string): () => void {
  if (original.name !== '' || INFERS_NAMES) return () => {};
  const assign = (value: string): void => {
    Object.defineProperty(original, 'name', { value, configurable: true });
  };
  assign(name);
  return () => assign('');
}
