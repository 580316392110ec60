/**
 * A mapping of a configuration file. It records which keys are read, so that unsupported keys can
 * be reported afterwards.
 */
export interface Section {
  /** Its path, for example `tracer_provider.processors[0]`. Empty for the document itself. */
  readonly path: string;
  readonly keys: readonly string[];
  /** Returns the path of one of its keys. */
  at(key: string): string;
  /** Returns the value of a key, or `undefined` if it is absent or `null`. */
  value(key: string): unknown;
  /** Returns a nested mapping, empty if the value is `null`, or `undefined` if the key is absent. */
  section(key: string): Section | undefined;
  /** Returns a list of mappings. */
  sections(key: string): readonly Section[] | undefined;
  /** Reports a problem. */
  warn(problem: string): void;
  /** Reports the keys that were not read, including those of nested mappings. */
  warnUnused(): void;
}

/** @param warn called with each problem, one line of text */
export function openSection(value: object, path: string, warn: (problem: string) => void): Section {
  const fields = value as Readonly<Record<string, unknown>>;
  const read = new Set<string>();
  const children = new Map<string, readonly Section[]>();
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const own = (key: string): unknown => {
    read.add(key);
    return Object.hasOwn(fields, key) ? fields[key] : undefined;
  };
  /** Returns the same section each time a key is read, so that its keys are recorded together. */
  const once = (key: string, make: () => readonly Section[]): readonly Section[] => {
    const known = children.get(key) ?? make();
    children.set(key, known);
    return known;
  };
  const mapping = (each: unknown, where: string): readonly Section[] => {
    if (typeof each === 'object' && each !== null && !Array.isArray(each)) {
      return [openSection(each, where, warn)];
    }
    warn(`${where}: expected a mapping, not ${kindOf(each)}`);
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
      warn(`${at(key)}: expected a list, not ${kindOf(found)}`);
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

/** Names the kind of a value that is left out of a message, because it may contain a secret. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a mapping' : `a ${typeof value}`;
}

/** Formats a value of the file for a message. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
