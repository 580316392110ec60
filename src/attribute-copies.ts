type Attributes = Record<string, unknown>;

/**
 * Functions that all do the same. V8 copies an object as a whole, in a sixth of the time of one key after
 * the other, where the code has met at most four shapes of objects; an app has more kinds of spans. They are
 * written out because V8 counts shapes by place in the source: functions made in a loop would share the four.
 */
const COPIES: readonly ((attributes: object) => Attributes)[] = [
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
  (attributes) => ({ ...attributes }),
];

/** Returns a shallow copy. Objects with the same keys are copied by the same function. */
export function shallowCopy(attributes: object): Attributes {
  let hash = 0;
  for (const key in attributes) hash = (hash * 31 + key.length) | 0;
  const copy = COPIES[hash & (COPIES.length - 1)] as (typeof COPIES)[number];
  return copy(attributes);
}
