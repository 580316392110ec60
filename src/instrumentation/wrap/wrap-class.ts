type Method = (this: never, ...args: never[]) => unknown;

/**
 * Replaces methods of an object or a prototype, which stay as enumerable as they were. A method that
 * does not exist is left out.
 */
export function wrapMethods<T extends object>(
  target: T,
  wrappers: { readonly [Name in keyof T]?: (original: NonNullable<T[Name]>) => T[Name] },
): void {
  for (const [name, wrap] of Object.entries(wrappers)) {
    const original = target[name as keyof T] as Method | undefined;
    if (typeof original !== 'function') continue;
    const value = (wrap as (original: Method) => Method)(original);
    Object.defineProperty(value, 'length', { value: original.length, configurable: true });
    const enumerable = Object.getOwnPropertyDescriptor(target, name)?.enumerable ?? false;
    Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true });
  }
}

const wrapped = new WeakSet<object>();

/** Replaces methods as {@link wrapMethods} does, unless this has been called for the object before. */
export function wrapMethodsOnce<T extends object>(
  target: T,
  wrappers: { readonly [Name in keyof T]?: (original: NonNullable<T[Name]>) => T[Name] },
): void {
  if (wrapped.has(target)) return;
  wrapped.add(target);
  wrapMethods(target, wrappers);
}

/**
 * Returns a class whose constructor runs inside a function, and that is the original in every other
 * way: name, prototype, static members, `instanceof`, subclasses.
 */
export function constructedBy<Made extends object>(
  Original: new (...args: unknown[]) => Made,
  around: (construct: (args: readonly unknown[]) => Made, args: readonly unknown[]) => Made,
): new (
  ...args: unknown[]
) => Made {
  return new Proxy(Original, {
    construct: (target, args: readonly unknown[], newTarget) =>
      around((given) => Reflect.construct(target, given, newTarget) as Made, args),
  });
}
