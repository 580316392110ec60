/**
 * A mapping of a configuration file, which remembers the keys that somebody asked for: the others
 * mean nothing here, and are named in the end.
 */
export interface Section {
  /** Where it stands, e.g. `tracer_provider.processors[0]`; empty for the document itself. */
  readonly path: string;
  readonly keys: readonly string[];
  /** The path of a key in it. */
  at(key: string): string;
  /** The value of a key; `undefined` when it is absent or `null`. */
  value(key: string): unknown;
  /** A mapping, also an empty one where only the key stands; `undefined` when it is absent. */
  section(key: string): Section | undefined;
  /** A list of mappings. */
  sections(key: string): readonly Section[] | undefined;
  /** Says what is wrong with it. */
  warn(problem: string): void;
  /** Says which keys nobody asked for, here and below. */
  warnUnused(): void;
}

/** @param warn told what is wrong, one line each */
export function openSection(value: object, path: string, warn: (problem: string) => void): Section {
  const fields = value as Readonly<Record<string, unknown>>;
  const read = new Set<string>();
  const children = new Map<string, readonly Section[]>();
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const own = (key: string): unknown => {
    read.add(key);
    return Object.hasOwn(fields, key) ? fields[key] : undefined;
  };
  /** Asked for twice, a key has the same section, so that its own keys are counted together. */
  const once = (key: string, make: () => readonly Section[]): readonly Section[] => {
    const known = children.get(key) ?? make();
    children.set(key, known);
    return known;
  };
  const mapping = (each: unknown, where: string): readonly Section[] => {
    if (typeof each === 'object' && each !== null && !Array.isArray(each)) {
      return [openSection(each, where, warn)];
    }
    warn(`${where}: ${quoted(each)}: expected a mapping`);
    return [];
  };
  return {
    path,
    keys: Object.keys(fields),
    at,
    value: (key) => own(key) ?? undefined,
    section(key) {
      const found = own(key);
      if (found === undefined) return undefined;
      return once(key, () => mapping(found ?? {}, at(key)))[0];
    },
    sections(key) {
      const found = own(key) ?? undefined;
      if (found === undefined) return undefined;
      if (Array.isArray(found)) {
        return once(key, () => found.flatMap((each, i) => mapping(each, `${at(key)}[${i}]`)));
      }
      warn(`${at(key)}: ${quoted(found)}: expected a list`);
      return undefined;
    },
    warn,
    warnUnused() {
      for (const key of Object.keys(fields)) {
        if (!read.has(key)) warn(`${at(key)} is not supported and has no effect`);
        for (const child of children.get(key) ?? []) child.warnUnused();
      }
    },
  };
}

/** A value of the file, for a message. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
