import { asList, asObject, type JsonObject, own } from '../json.ts';

/** A place where a value violates its schema, and why. */
export interface Note {
  /** E.g. `subsegments[0].http.response.status`; empty for the document itself. */
  readonly path: string;
  readonly reason: string;
}

export const UNKNOWN_FIELD = 'not a field of the document format';

type Schema = JsonObject;

interface Location {
  readonly path: string;
  readonly root: Schema;
  readonly notes: Note[];
}

/** Maximum number of notes about one document. */
const MAX_NOTES = 20;

/**
 * Checks a value against a schema.
 *
 * Supports the keywords that the schema of segment documents uses; throws for others.
 *
 * @param root holds the `$defs`
 * @returns nothing when it fits
 */
export function validate(value: unknown, schema: Schema, root: Schema): readonly Note[] {
  const notes: Note[] = [];
  check(value, schema, { path: '', root, notes });
  return notes;
}

type Keyword = (value: unknown, wanted: unknown, location: Location, schema: Schema) => void;

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: (value, wanted, location) => check(value, resolved(wanted, location.root), location),
  type: (value, wanted, location) => {
    if (!isOfType(value, wanted as string)) note(location, `not of type ${wanted}: ${show(value)}`);
  },
  enum: (value, wanted, location) => {
    if (!asList(wanted).includes(value))
      note(location, `${show(value)} is not one of ${asList(wanted).join(', ')}`);
  },
  const: (value, wanted, location) => {
    if (value !== wanted) note(location, `must be ${show(wanted)}, not ${show(value)}`);
  },
  pattern: (value, wanted, location) => {
    if (typeof value === 'string' && !pattern(wanted as string).test(value)) {
      note(location, `${show(value)} does not have the form ${wanted}`);
    }
  },
  minLength: onText((length, least) => length < least && `shorter than ${least} characters`),
  maxLength: onText(
    (length, most) => length > most && `${length} characters; the limit is ${most}`,
  ),
  minimum: onNumber((number, least) => number < least && `${number} is less than ${least}`),
  maximum: onNumber((number, most) => number > most && `${number} is more than ${most}`),
  exclusiveMinimum: onNumber(
    (number, least) => number <= least && `${number} is not above ${least}`,
  ),
  minItems: onList((length, least) => length < least && 'an empty list'),
  maxItems: onList((length, most) => length > most && `${length} elements; the limit is ${most}`),
  minProperties: onObject((length, least) => length < least && 'an empty object'),
  maxProperties: onObject(
    (length, most) => length > most && `${length} entries; the limit is ${most}`,
  ),
  items: (value, wanted, location) => {
    for (const [index, item] of asList(value).entries()) {
      check(item, wanted as Schema, { ...location, path: `${location.path}[${index}]` });
    }
  },
  required: (value, wanted, location) => {
    const object = asObject(value);
    if (object === undefined) return;
    for (const key of asList(wanted) as string[]) {
      if (!Object.hasOwn(object, key)) note(location, `no ${key}`);
    }
  },
  properties: (value, wanted, location) => {
    for (const [key, schema] of Object.entries(wanted as Schema)) {
      const object = asObject(value);
      if (object && Object.hasOwn(object, key)) {
        check(object[key], schema as Schema, inside(location, key));
      }
    }
  },
  additionalProperties: (value, wanted, location, schema) => {
    const known = asObject(schema['properties']);
    for (const [key, each] of Object.entries(asObject(value) ?? {})) {
      if (own(known, key) !== undefined) continue;
      if (wanted === false) note(inside(location, key), UNKNOWN_FIELD);
      else check(each, wanted as Schema, inside(location, key));
    }
  },
  unevaluatedProperties: (value, _wanted, location, schema) => {
    const known = knownProperties(schema, location.root);
    for (const key of Object.keys(asObject(value) ?? {})) {
      if (!known.has(key)) note(inside(location, key), 'not a field of the document format here');
    }
  },
  propertyNames: (value, wanted, location) => {
    for (const key of Object.keys(asObject(value) ?? {})) {
      if (!fits(key, wanted as Schema, location.root))
        note(inside(location, key), 'not a name that is allowed here');
    }
  },
  dependentRequired: (value, wanted, location) => {
    const object = asObject(value) ?? {};
    for (const [key, needed] of Object.entries(wanted as Schema)) {
      if (!Object.hasOwn(object, key)) continue;
      for (const other of asList(needed) as string[]) {
        if (!Object.hasOwn(object, other)) note(location, `${key} without ${other}`);
      }
    }
  },
  allOf: (value, wanted, location) => {
    for (const schema of asList(wanted)) check(value, schema as Schema, location);
  },
  anyOf: (value, wanted, location) => {
    if (!asList(wanted).some((schema) => fits(value, schema as Schema, location.root))) {
      note(location, `matches none of the allowed forms: ${show(value)}`);
    }
  },
  oneOf: (value, wanted, location) => {
    const forms = asList(wanted) as readonly Schema[];
    const fitting = forms.filter((schema) => fits(value, schema, location.root));
    if (fitting.length === 1) return;
    // The alternative of the same type gives a better message than "none of them".
    const near = forms.filter((schema) => {
      const type = resolved(schema['$ref'], location.root)['type'] ?? schema['type'];
      return typeof type === 'string' && isOfType(value, type);
    });
    if (fitting.length === 0 && near.length === 1) check(value, near[0] as Schema, location);
    else
      note(
        location,
        `matches ${fitting.length === 0 ? 'none' : 'several'} of the allowed forms: ${show(value)}`,
      );
  },
  not: (value, wanted, location) => {
    if (fits(value, wanted as Schema, location.root))
      note(location, `has a form that is not allowed: ${show(value)}`);
  },
  if: (value, wanted, location, schema) => {
    const then = schema['then'];
    if (then !== undefined && fits(value, wanted as Schema, location.root)) {
      if (!fits(value, then as Schema, location.root))
        note(location, 'throttle without error or fault');
    }
  },
};

/** Keywords that take no value. */
const SILENT = new Set(['$schema', '$id', 'title', 'description', '$defs', 'then']);

function check(value: unknown, schema: Schema, location: Location): void {
  for (const [keyword, wanted] of Object.entries(schema)) {
    if (location.notes.length >= MAX_NOTES) return;
    if (SILENT.has(keyword)) continue;
    const rule = KEYWORDS[keyword];
    if (rule === undefined) throw new TypeError(`unknown schema keyword ${keyword}`);
    rule(value, wanted, location, schema);
  }
}

function fits(value: unknown, schema: Schema, root: Schema): boolean {
  return validate(value, schema, root).length === 0;
}

function note({ path, notes }: Location, reason: string): void {
  if (notes.length < MAX_NOTES) notes.push({ path, reason });
}

function inside(location: Location, key: string): Location {
  return { ...location, path: location.path === '' ? key : `${location.path}.${key}` };
}

function resolved(reference: unknown, root: Schema): Schema {
  if (typeof reference !== 'string') return {};
  const name = reference.replace('#/$defs/', '');
  return asObject(asObject(root['$defs'])?.[name]) ?? {};
}

/** Returns the names of all fields that a schema and its parts describe. */
function knownProperties(schema: Schema, root: Schema): ReadonlySet<string> {
  const parts = [...asList(schema['allOf']), resolved(schema['$ref'], root)] as readonly Schema[];
  const inherited = parts.flatMap((part) =>
    Object.keys(part).length === 0 ? [] : [...knownProperties(part, root)],
  );
  return new Set([...Object.keys(asObject(schema['properties']) ?? {}), ...inherited]);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'object') return asObject(value) !== undefined;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

type Measure = (measured: number, wanted: number) => string | false;

function measured(of: (value: unknown) => number | undefined, measure: Measure): Keyword {
  return (value, wanted, location) => {
    const size = of(value);
    const reason = size !== undefined && measure(size, wanted as number);
    if (reason !== false) note(location, reason);
  };
}

function onText(measure: Measure): Keyword {
  // In code points, as JSON Schema counts.
  return measured((value) => (typeof value === 'string' ? [...value].length : undefined), measure);
}
function onNumber(measure: Measure): Keyword {
  return measured((value) => (typeof value === 'number' ? value : undefined), measure);
}
function onList(measure: Measure): Keyword {
  return measured((value) => (Array.isArray(value) ? value.length : undefined), measure);
}
function onObject(measure: Measure): Keyword {
  return measured((value) => {
    const object = asObject(value);
    return object && Object.keys(object).length;
  }, measure);
}

const patterns = new Map<string, RegExp>();

function pattern(text: string): RegExp {
  const known = patterns.get(text);
  if (known) return known;
  const made = new RegExp(text, 'u');
  patterns.set(text, made);
  return made;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
