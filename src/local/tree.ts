import { styleText } from 'node:util';
import type { SegmentDocument } from '../translator/document.ts';
import { asList, asNumber, asObject, asText, type JsonObject } from './json.ts';
import { assemble } from './trace/assemble.ts';
import { type Entity, flagsOf, isOk, isOpen, lengthOf } from './trace/entity.ts';
import { durationText, type StatusName, statusName, summaryParts } from './trace/labels.ts';

export interface TreeOptions {
  /** Use terminal colors; words carry the same information. Default false. */
  readonly color?: boolean | undefined;
  /** Frames shown of an exception's stack. Default 3. */
  readonly frames?: number | undefined;
  /** Characters a line may have; longer ones are cut with `…`. Default 160. */
  readonly width?: number | undefined;
  /** Draw five or more successful calls of one name in one parent as one line. Default false. */
  readonly groupRepeats?: boolean | undefined;
}

type Style = Parameters<typeof styleText>[0];
/** `paint(style, text)` colors, or leaves the text as it is. */
type Paint = (style: Style, text: string) => string;

interface Row {
  readonly text: string;
  readonly style?: Style;
}

const DEFAULTS = { color: false, frames: 3, width: 160, groupRepeats: false };
/** As many calls of one name become one line. */
const LEAST_REPEATS = 5;
/** Limits of a tree; its last line tells how many lines are left out. */
const MAX_LINES = 400;
const MAX_DEPTH = 40;

/**
 * Draws the documents of one trace as a tree: subsegments under their segment, and the segments of
 * called services under the subsegment that called them.
 *
 * @param documents all documents of one trace, nested or one by one, in any order
 * @returns lines without newlines; the first is the trace's own
 */
export function traceTree(
  documents: readonly SegmentDocument[],
  options: TreeOptions = {},
): readonly string[] {
  const { color, frames, width, groupRepeats } = { ...DEFAULTS, ...definedOf(options) };
  const paint: Paint = (style, text) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const trace = assemble(
    documents.find((document) => document.trace_id)?.trace_id ?? '',
    documents.map((record, seq) => ({ record: record as unknown as JsonObject, seq })),
  );
  const lines = [paint('bold', headline(trace, documents.length))];
  const drawn = new Set<Entity>();
  const draw = (entity: Entity, first: string, rest: string, depth: number): void => {
    if (drawn.has(entity)) return;
    drawn.add(entity);
    const children = childrenOf(entity);
    const repeats = groupRepeats ? repeatsOf(children) : NO_REPEATS;
    const repeated = new Set([...repeats.values()].flatMap((group) => group.slice(1)));
    const under = children.filter((child) => !repeated.has(child));
    const bar = under.length > 0 ? '│  ' : '   ';
    lines.push(first + entityLine(entity, paint, width - first.length));
    for (const { text, style } of details(entity, frames)) {
      const line = cut(text, width - rest.length - 3);
      lines.push(rest + bar + (style === undefined ? line : paint(style, line)));
    }
    if (depth >= MAX_DEPTH && under.length > 0) {
      lines.push(`${rest}└─ … ${under.length} more below`);
      return;
    }
    under.forEach((child, index) => {
      const last = index === under.length - 1;
      const group = repeats.get(child);
      if (group !== undefined) {
        const branch = `${rest}${last ? '└─ ' : '├─ '}`;
        lines.push(branch + groupLine(group, paint, width - branch.length));
        for (const member of group) drawn.add(member);
        return;
      }
      draw(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`, depth + 1);
    });
  };
  const starts = [...trace.segments.filter(({ caller }) => caller === undefined), ...trace.orphans];
  for (const top of starts) draw(top, '', '', 0);
  // Segments that call each other in a cycle have no root.
  for (const segment of trace.segments) draw(segment, '', '', 0);
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`];
}

function childrenOf({ children, downstream }: Entity): readonly Entity[] {
  return [...children, ...downstream]
    .filter(({ kind }) => kind !== 'inferred')
    .sort((a, b) => a.start - b.start);
}

const NO_REPEATS: ReadonlyMap<Entity, readonly Entity[]> = new Map();

/**
 * Returns the calls of one name that a line for all of them describes: they succeeded, and nothing
 * is below them.
 */
function repeatsOf(siblings: readonly Entity[]): ReadonlyMap<Entity, readonly Entity[]> {
  const byName = new Map<string, Entity[]>();
  for (const entity of siblings.filter(isPlain)) {
    const group = byName.get(entity.name);
    if (group === undefined) byName.set(entity.name, [entity]);
    else group.push(entity);
  }
  return new Map(
    [...byName.values()]
      .filter((group) => group.length >= LEAST_REPEATS)
      .map((group) => [group[0] as Entity, group]),
  );
}

function isPlain(entity: Entity): boolean {
  return (
    isOk(flagsOf(entity.record)) &&
    !isOpen(entity) &&
    childrenOf(entity).length === 0 &&
    details(entity, 0).length === 0
  );
}

/**
 * Returns a line such as `cache.local ×200  320 ms  ok  HGET item`: the sum of the times, and what
 * all of them did.
 */
function groupLine(group: readonly Entity[], paint: Paint, width: number): string {
  const seconds = group.reduce((sum, member) => sum + (lengthOf(member) ?? 0), 0);
  const head = `${printable(group[0]?.name ?? '')} ×${group.length}  ${durationText(seconds)}  `;
  const summaries = new Set(group.map((member) => summaryParts(member).map(printable).join(' ')));
  const [summary = ''] = summaries.size === 1 ? summaries : [];
  const tail = summary === '' ? '' : `  ${cut(summary, Math.max(width - head.length - 4, 20))}`;
  return `${head}${paint(STATUS_STYLES.ok, 'ok')}${tail}`;
}

/** Exceptions that a folded tree still shows. */
const MAX_FOLDED_EXCEPTIONS = 2;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors may stand before the mark
const EXCEPTION_LINE = /^[│ ]*(?:\u001b\[[\d;]*m)?! /;

/**
 * Returns the first lines of a tree, then how many are left out. Exceptions further down are still
 * shown, since they are what a reader looks for.
 *
 * @param lines at most this many, besides those for exceptions and for the rest; 0 returns all
 * @param where tells where the whole trace is, e.g. its URL
 */
export function foldTree(
  tree: readonly string[],
  { lines, where }: { readonly lines: number; readonly where: string },
): readonly string[] {
  // A fold line in place of a single line would save nothing.
  if (lines === 0 || tree.length <= lines + 1) return tree;
  const rest = tree.slice(lines);
  // A failure that is passed on is written at each level; once is enough here.
  const exceptions = new Set(
    rest.filter((line) => EXCEPTION_LINE.test(line)).map((line) => line.replace(/^[│ ]*/, '   ')),
  );
  return [
    ...tree.slice(0, lines),
    ...[...exceptions].slice(0, MAX_FOLDED_EXCEPTIONS),
    `… ${rest.length} more lines: ${where}`,
  ];
}

function headline(trace: ReturnType<typeof assemble>, documents: number): string {
  const parts = [
    `Trace ${printable(trace.id)}`,
    Number.isFinite(trace.start) ? `${new Date(trace.start * 1000).toISOString()}` : '',
    durationText(trace.end - trace.start),
    `${documents} ${documents === 1 ? 'document' : 'documents'}`,
    trace.partial ? 'incomplete' : '',
  ];
  return parts.filter((part) => part !== '').join('  ');
}

const STATUS_STYLES = {
  ok: 'green',
  error: 'yellow',
  fault: 'red',
  throttle: 'magenta',
  'in progress': 'cyan',
} as const satisfies Record<StatusName, Style>;

function entityLine(entity: Entity, paint: Paint, width: number): string {
  const word = statusName(flagsOf(entity.record), isOpen(entity));
  const length = lengthOf(entity);
  const time = length === undefined ? '' : durationText(length);
  const head = `${printable(entity.name)}  ${time === '' ? '' : `${time}  `}`;
  const tail = cut(
    summaryParts(entity).map(printable).join(' '),
    Math.max(width - head.length - word.length - 2, 20),
  );
  const name =
    entity.parent === undefined ? paint('bold', printable(entity.name)) : printable(entity.name);
  const mark = paint(STATUS_STYLES[word], word);
  return `${name}  ${time === '' ? '' : `${time}  `}${mark}${tail === '' ? '' : `  ${tail}`}`;
}

function details(entity: Entity, frames: number): readonly Row[] {
  const annotations = Object.entries(asObject(entity.record['annotations']) ?? {});
  const rows: Row[] = [];
  if (annotations.length > 0) {
    const pairs = annotations.map(([key, value]) => `${key}=${shortJson(value)}`);
    rows.push({ text: `@ ${printable(pairs.join('  '))}`, style: 'cyan' });
  }
  const exceptions = asList(asObject(entity.record['cause'])?.['exceptions']);
  for (const exception of exceptions)
    rows.push(...exceptionRows(asObject(exception) ?? {}, frames));
  return rows;
}

function exceptionRows(exception: JsonObject, frames: number): readonly Row[] {
  const stack = asList(exception['stack']);
  const message = asText(exception['message']) ?? '';
  const left = stack.length - frames + (asNumber(exception['truncated']) ?? 0);
  const head = `${asText(exception['type']) ?? 'Error'}${message === '' ? '' : `: ${message}`}`;
  return [
    { text: `! ${printable(head)}`, style: 'red' },
    ...stack
      .slice(0, frames)
      .map((frame) => ({ text: `    at ${frameText(frame)}`, style: 'dim' as const })),
    ...(left > 0 && stack.length > 0
      ? [{ text: `    … ${left} more`, style: 'dim' as const }]
      : []),
  ];
}

function frameText(frame: unknown): string {
  const { path, line, label } = asObject(frame) ?? {};
  const place = [asText(path), asNumber(line)].filter((part) => part !== undefined).join(':');
  const name = asText(label);
  return printable(name === undefined ? place : place === '' ? name : `${name} (${place})`);
}

/** Escapes control characters, which could move the cursor or change the title of a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) =>
    /\s/.test(character) ? ' ' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function shortJson(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return cut(text, 60);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(width - 1, 1))}…` : text;
}

function definedOf<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
