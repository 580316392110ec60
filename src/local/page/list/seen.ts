import type { TraceSummary } from '../api-types.ts';

/** Values that traces of the list have, for the filter's suggestions. */
export interface Seen {
  readonly services: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  /** Annotation key → values as they are written in an expression, e.g. `"gold"`, `3`. */
  readonly annotations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keyword → values as they are written in an expression. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Maximum number of suggested values per keyword. */
const MAX_VALUES = 200;

export class SeenValues implements Seen {
  readonly services: Set<string> = new Set();
  readonly types: Set<string> = new Set();
  readonly annotations: Map<string, Set<string>> = new Map();
  readonly fields: Map<string, Set<string>> = new Map();

  add({ ServiceIds, Annotations, Http, Users }: TraceSummary): void {
    for (const { Name, Type } of ServiceIds ?? []) {
      keep(this.services, Name);
      keep(this.types, Type);
    }
    for (const [key, entries] of Object.entries(Annotations ?? {})) {
      for (const { AnnotationValue } of entries) {
        const { StringValue, NumberValue, BooleanValue } = AnnotationValue ?? {};
        const value = StringValue === undefined ? undefined : quoted(StringValue);
        this.#keep(this.annotations, key, value ?? (NumberValue ?? BooleanValue)?.toString());
      }
    }
    this.#keep(this.fields, 'http.method', Http?.HttpMethod && quoted(Http.HttpMethod));
    this.#keep(this.fields, 'http.url', Http?.HttpURL && quoted(Http.HttpURL));
    this.#keep(this.fields, 'http.status', Http?.HttpStatus?.toString());
    for (const { UserName } of Users ?? []) {
      this.#keep(this.fields, 'user', UserName && quoted(UserName));
    }
  }

  #keep(lists: Map<string, Set<string>>, key: string, value: string | undefined): void {
    if (value === undefined || value === '') return;
    let list = lists.get(key);
    if (list === undefined) {
      if (lists.size >= MAX_VALUES) return;
      list = new Set();
      lists.set(key, list);
    }
    keep(list, value);
  }
}

function keep(list: Set<string>, value: string | undefined): void {
  if (value !== undefined && value !== '' && list.size < MAX_VALUES) list.add(value);
}

/** Quotes a text as a literal of the filter language, whose only escapes are `\"` and `\\`. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
