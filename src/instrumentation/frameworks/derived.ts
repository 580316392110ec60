/**
 * Returns an object that behaves as `source` does, with other values for some properties. `source` may
 * be frozen, an instance of a class or have getters, and stays as it is.
 */
export function derived<Source extends object>(source: Source, changes: Partial<Source>): Source {
  const own = Object.getOwnPropertyDescriptors(source) as PropertyDescriptorMap;
  const inherited: PropertyDescriptorMap = {};
  for (const [name, value] of Object.entries(changes)) {
    const to = Object.hasOwn(own, name) ? own : inherited;
    to[name] = changedDescriptor(descriptorOf(source, name), value);
  }
  const prototype: object | null = Object.getPrototypeOf(source);
  const isOwnOnly = Object.keys(inherited).length === 0;
  return Object.create(isOwnOnly ? prototype : Object.create(prototype, inherited), own);
}

/** A property that only a getter sets stays so, since a framework may assign to it. */
function changedDescriptor(
  before: PropertyDescriptor | undefined,
  value: unknown,
): PropertyDescriptor {
  if (before?.get !== undefined) return { ...before, get: () => value };
  return { enumerable: false, writable: true, ...before, value, configurable: true };
}

function descriptorOf(object: object | null, name: string): PropertyDescriptor | undefined {
  if (object === null) return undefined;
  return (
    Object.getOwnPropertyDescriptor(object, name) ??
    descriptorOf(Object.getPrototypeOf(object) as object | null, name)
  );
}
