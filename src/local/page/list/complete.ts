import { EDGE_FIELDS, SERVICE_FIELDS, TRACE_FIELDS } from '../../filter/fields.ts';
import { type Piece, piecesOf } from './filter-tokens.ts';
import { FIELD_NOTES, OPERATORS } from './filter-words.ts';
import { quoted, type Seen } from './seen.ts';

export interface Suggestion {
  /** The displayed text. */
  readonly label: string;
  /** Replaces the text from {@link Completion.from} to the cursor. */
  readonly insert: string;
  readonly about: string;
}

export interface Completion {
  /** Start offset of the replaced text. */
  readonly from: number;
  readonly suggestions: readonly Suggestion[];
}

const MAX_SUGGESTIONS = 12;
const JOINS = new Set(['and', 'or']);
const WORD_OPERATORS = new Set(['contains', 'beginswith', 'endswith']);

type Types = Readonly<Record<string, { readonly type: keyof typeof OPERATORS }>>;

/** Returns what may follow at the cursor: keywords, operators, and values of listed traces. */
export function completionsAt(text: string, cursor: number, seen: Seen): Completion {
  const pieces = piecesOf(text.slice(0, cursor));
  const last = pieces.at(-1);
  const typing = last !== undefined && isTyping(last, cursor) ? last : undefined;
  const before = typing ? pieces.slice(0, -1) : pieces;
  // `annotation.` is the older form of `annotation[`.
  const written = (typing?.text ?? '').replace(/annotation\.(\w*)$/i, 'annotation[$1');
  const from = typing?.start ?? cursor;
  const suggestions = expected(before, seen)
    .filter(({ insert, label }) => fits(written, insert) || fits(written, label))
    .filter(({ insert }) => insert.trim() !== written)
    .slice(0, MAX_SUGGESTIONS);
  return { from, suggestions };
}

/** Returns whether the cursor touches this token, so that it may change. */
function isTyping({ kind, text, start }: Piece, cursor: number): boolean {
  if (kind === 'open-string') return true;
  const open = kind === 'word' || kind === 'annotation' || kind === 'number';
  return open && start + text.length === cursor && !text.endsWith(']');
}

function fits(written: string, insert: string): boolean {
  return insert.toLowerCase().startsWith(written.toLowerCase());
}

/** Returns everything that may follow these tokens. */
function expected(before: readonly Piece[], seen: Seen): readonly Suggestion[] {
  const last = before.at(-1);
  const scope = scopeAt(before);
  if (last === undefined || startsOperand(last)) {
    return nodeArgument(before, seen) ?? operands(scope, seen);
  }
  const compared = before.at(-2);
  if (isOperator(last) && compared) return values(compared, scope.fields, seen);
  const type = typeOf(last, scope.fields);
  if (type !== undefined && !isValue(before)) return [...operatorsFor(type), ...joins()];
  return joins();
}

function startsOperand({ kind, text }: Piece): boolean {
  return (
    (kind === 'word' && JOINS.has(text.toLowerCase())) || (kind === 'sign' && /[!({:,]/.test(text))
  );
}

function isOperator({ kind, text }: Piece): boolean {
  return kind === 'operator' || (kind === 'word' && WORD_OPERATORS.has(text.toLowerCase()));
}

/** Returns whether the last piece is what something is compared with. */
function isValue(before: readonly Piece[]): boolean {
  const previous = before.at(-2);
  return previous !== undefined && isOperator(previous);
}

interface Scope {
  readonly fields: Types;
  readonly annotations: readonly string[];
  readonly whole: boolean;
}

const TRACE: Scope = { fields: TRACE_FIELDS, annotations: ['annotation'], whole: true };
const SERVICE: Scope = { fields: SERVICE_FIELDS, annotations: ['annotation'], whole: false };
const EDGE: Scope = {
  fields: EDGE_FIELDS,
  annotations: ['source.annotation', 'destination.annotation'],
  whole: false,
};

/** Returns the block the cursor is in. */
function scopeAt(before: readonly Piece[]): Scope {
  const open: Scope[] = [TRACE];
  let word = '';
  for (const { kind, text } of before) {
    if (kind === 'word' && /^(?:service|edge)$/i.test(text)) word = text.toLowerCase();
    if (kind !== 'sign') continue;
    if (text === '{') open.push(word === 'edge' ? EDGE : SERVICE);
    if (text === '}' && open.length > 1) open.pop();
  }
  return open.at(-1) as Scope;
}

function operands({ fields, annotations, whole }: Scope, seen: Seen): readonly Suggestion[] {
  const keywords = Object.entries(fields).map(([key]) => ({
    label: key,
    insert: `${key} `,
    about: FIELD_NOTES[key] ?? '',
  }));
  const keys = [...seen.annotations.keys()].flatMap((key) =>
    annotations.map((word) => ({
      label: `${word}[${key}]`,
      insert: `${word}[${key}] `,
      about: 'annotation',
    })),
  );
  const nodes = [...seen.services].map((name) => ({
    label: `service(${quoted(name)})`,
    insert: `service(${quoted(name)}) `,
    about: 'traces with this node',
  }));
  return [...keywords, ...keys, ...(whole ? [...nodes, ...WHOLE] : [])];
}

const WHOLE: readonly Suggestion[] = [
  { label: 'service(…) {…}', insert: 'service("', about: 'a node whose segments match' },
  { label: 'edge(…) {…}', insert: 'edge("', about: 'a call from one node to another' },
  { label: 'group.name', insert: 'group.name = "', about: 'traces of a group' },
  ...['fault', 'error', 'responsetime'].map((kind) => ({
    label: `rootcause.${kind}.service {…}`,
    insert: `rootcause.${kind}.service { name = "`,
    about: `the node that causes the ${kind === 'responsetime' ? 'response time' : kind}`,
  })),
];

/** Suggests names inside `service(` and `edge(`, and names or types inside `id(`. */
function nodeArgument(before: readonly Piece[], seen: Seen): readonly Suggestion[] | undefined {
  const texts = before.map(({ text }) => text.toLowerCase());
  const [word, sign] = texts.slice(-2);
  if (sign === ':') {
    return literals(word === 'type' ? seen.types : seen.services, word ?? '');
  }
  const open = texts.lastIndexOf('(');
  const called = texts[open - 1];
  if (open === -1 || texts.lastIndexOf(')') > open) return undefined;
  if (called === 'id') return ['name: "', 'type: "'].map((insert) => pair(insert));
  if (called !== 'service' && called !== 'edge') return undefined;
  const ends = called === 'edge' && !texts.slice(open).includes(',') ? ', ' : ') ';
  return literals(seen.services, 'node').map((each) => ({
    ...each,
    insert: `${each.label}${ends}`,
  }));
}

function pair(insert: string): Suggestion {
  return { label: `${insert}…"`, insert, about: 'part of a node id' };
}

function literals(texts: Iterable<string>, about: string): readonly Suggestion[] {
  return [...texts].sort().map((text) => ({ label: quoted(text), insert: quoted(text), about }));
}

function values(compared: Piece, fields: Types, seen: Seen): readonly Suggestion[] {
  const key = compared.text.toLowerCase();
  const plain = (texts: Iterable<string>) =>
    [...texts].sort().map((text) => ({ label: text, insert: `${text} `, about: 'value' }));
  if (compared.kind === 'annotation') {
    return plain(seen.annotations.get(annotationKey(compared.text)) ?? []);
  }
  if (typeOf(compared, fields) === 'boolean') return plain(['true', 'false']);
  if (key === 'name') return literals(seen.services, 'node');
  if (key === 'type') return literals(seen.types, 'type');
  return plain(seen.fields.get(key) ?? []);
}

function annotationKey(text: string): string {
  return text.replace(/^.*?annotation[.[]\s*/i, '').replace(/\s*\]$/, '');
}

function typeOf({ kind, text }: Piece, fields: Types): keyof typeof OPERATORS | undefined {
  if (kind === 'annotation') return 'annotation';
  const key = text.toLowerCase();
  return kind === 'word' && Object.hasOwn(fields, key) ? fields[key]?.type : undefined;
}

function operatorsFor(type: keyof typeof OPERATORS): readonly Suggestion[] {
  return OPERATORS[type].map(([text, about]) => ({ label: text, insert: `${text} `, about }));
}

function joins(): readonly Suggestion[] {
  return [
    { label: 'AND', insert: 'AND ', about: 'both' },
    { label: 'OR', insert: 'OR ', about: 'either' },
  ];
}
