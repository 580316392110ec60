export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Copies what can be seen of `original` to `replacement`: name, length, own properties, that it is an
 * async function and, for a class, the prototype.
 */
export function like(original: AnyFunction, replacement: AnyFunction): AnyFunction {
  if (isClass(original)) {
    return new Proxy(original, {
      apply: (_target, self, args) => replacement.apply(self, args),
      construct: (_target, args, newTarget) =>
        Reflect.construct(replacement, args, newTarget) as object,
    });
  }
  const prototype: unknown = Object.getPrototypeOf(original);
  // Some apps and frameworks, such as tinyhttp, look whether a function is an `AsyncFunction`.
  if (prototype !== Function.prototype) Object.setPrototypeOf(replacement, prototype as object);
  const properties = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  // Own properties of sloppy-mode functions, which no other function may have.
  const { arguments: _arguments, caller: _caller, ...others } = properties;
  return Object.defineProperties(replacement, others);
}

/** Frameworks read the length of a handler. */
export function named(original: AnyFunction, replacement: AnyFunction): AnyFunction {
  const { name, length } = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  return Object.defineProperties(replacement, { ...(name && { name }), ...(length && { length }) });
}

function isClass(value: AnyFunction): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
