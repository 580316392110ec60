/** What graphql tells a resolver about its field. */
export interface FieldInfo {
  readonly fieldName: string;
  readonly path: FieldPath;
  readonly parentType: { readonly name: string };
}

interface FieldPath {
  readonly prev: FieldPath | undefined;
  /** A name, or the index of an item of a list. */
  readonly key: string | number;
}

/** Any number of arguments, of which the fourth is the `FieldInfo`. */
export type Resolver = (this: unknown, ...args: unknown[]) => unknown;

interface Field {
  resolve?: Resolver | undefined;
  readonly type: unknown;
}

/** A type with fields; input types have no resolvers, and others no fields. */
interface Type {
  getFields?(): Readonly<Record<string, Field>>;
}

/** The part of a `GraphQLSchema` that is used. */
export interface Schema {
  getTypeMap(): Readonly<Record<string, Type>>;
  getQueryType(): Type | null | undefined;
  getMutationType(): Type | null | undefined;
}

interface Selection {
  readonly kind?: string;
  readonly name?: { readonly value: string } | undefined;
  readonly selectionSet?: { readonly selections: readonly Selection[] };
}

/** A part of a document: an operation or a fragment. */
export type Definition = Selection;

const traced = new WeakSet<Resolver>();

/**
 * Replaces the resolvers of a schema.
 *
 * @param wrap gets a resolver and the type of its field as text, e.g. `[String!]`
 */
export function replaceResolvers(
  schema: Schema,
  wrap: (resolver: Resolver, fieldType: string) => Resolver,
): void {
  for (const [name, type] of Object.entries(schema.getTypeMap())) {
    // Introspection is the same in all schemas, and none of it calls the app.
    if (name.startsWith('__') || typeof type.getFields !== 'function') continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      // A schema that was made of another one has its resolvers.
      if (typeof resolve !== 'function' || traced.has(resolve)) continue;
      const wrapped = wrap(resolve, String(field.type));
      traced.add(wrapped);
      // Leaves a frozen field as it is.
      Reflect.set(field, 'resolve', wrapped);
    }
  }
}

/** Returns the names of the fields of queries and mutations that have no resolver. */
export function rootsWithoutResolver(schema: Schema): ReadonlySet<string> {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const fields = roots.flatMap((type) => Object.entries(type?.getFields?.() ?? {}));
  return new Set(
    fields.filter(([, { resolve }]) => typeof resolve !== 'function').map(([name]) => name),
  );
}

/** Returns whether an operation reads one of these fields of its root. */
export function readsOne(
  names: ReadonlySet<string>,
  operation: Definition | undefined,
  definitions: readonly Definition[],
): boolean {
  const seen = new Set<string>();
  const reads = ({ selectionSet }: Selection): boolean =>
    selectionSet?.selections.some((selection) => {
      const name = selection.name?.value ?? '';
      if (selection.kind === 'Field') return names.has(name);
      if (selection.kind !== 'FragmentSpread') return reads(selection);
      if (seen.has(name)) return false;
      seen.add(name);
      return definitions.some(
        (other) =>
          other.kind === 'FragmentDefinition' && other.name?.value === name && reads(other),
      );
    }) ?? false;
  return names.size > 0 && operation !== undefined && reads(operation);
}

/** Returns the names from the root to a field, joined by dots; the items of a list are `*`. */
export function pathOf({ path }: FieldInfo): string {
  let text = nameOf(path);
  for (let at = path.prev; at !== undefined; at = at.prev) text = `${nameOf(at)}.${text}`;
  return text;
}

function nameOf({ key }: FieldPath): string {
  return typeof key === 'number' ? '*' : key;
}
