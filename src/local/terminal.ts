import type { SegmentDocument } from '../translator/document.ts';
import type { ShowOptions } from './dev-options.ts';
import type { Counts, LocalTrace, LocalXRay, Problem } from './index.ts';
import type { JsonObject } from './json.ts';
import { flagsOf, isOk } from './trace/entity.ts';
import { foldTree, printable, traceTree } from './tree.ts';

export interface TextWriter {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface TerminalOptions {
  readonly out: TextWriter;
  /** One JSON line for each trace instead of a tree. */
  readonly json: boolean;
  readonly color: boolean;
  /** Lines printed of each trace; 0 prints all. Default all. */
  readonly lines?: number | undefined;
  /** Whether a trace is printed. Default every trace. */
  readonly select?: ((trace: LocalTrace) => boolean) | undefined;
}

/** What {@link showOnTerminal} returns. */
export interface TerminalView {
  /** Shows a text in front of the counts, e.g. how far a replay is; `''` takes it away. */
  progress(text: string): void;
  /** Removes the line of counts and stops. */
  stop(): void;
}

/** Clears the line the cursor is in. */
const CLEAR_LINE = '\r\u001b[2K';
const STATUS_EVERY_MS = 200;
/** What a reader can follow: trees up to so many lines, then one line for each trace, then a count. */
const TREE_LINES_PER_SECOND = 40;
const TRACES_PER_SECOND = 50;
const PROBLEMS_PER_SECOND = 20;

/** Returns whether colors may be written (NO_COLOR, FORCE_COLOR, no terminal). */
export function mayColor(
  out: TextWriter,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return out.isTTY === true && env['TERM'] !== 'dumb';
}

/**
 * Prints the traces and problems of a local X-Ray as they arrive. On a terminal, one line of counts
 * below them changes in place.
 */
export function showOnTerminal(xray: LocalXRay, options: TerminalOptions): TerminalView {
  const { out, json, select = () => true } = options;
  const live = out.isTTY === true && !json;
  let shown = '';
  let progress = '';
  const status = (): void => {
    const parts = [progress, countsLine(xray.counts())].filter((part) => part !== '');
    const line = parts.join(' · ').slice(0, (out.columns ?? 80) - 1);
    if (!live || line === shown) return;
    shown = line;
    out.write(`${CLEAR_LINE}${line}`);
  };
  const print = (text: string): void => {
    out.write(`${live ? CLEAR_LINE : ''}${text}`);
    shown = '';
    status();
  };
  const trees = limiter(TREE_LINES_PER_SECOND);
  const traces = limiter(json ? Number.POSITIVE_INFINITY : TRACES_PER_SECOND);
  const problems = limiter(json ? Number.POSITIVE_INFINITY : PROBLEMS_PER_SECOND);
  const rest = (): void => {
    const [moreTraces, moreProblems] = [traces.left(), problems.left()];
    trees.left();
    if (moreTraces > 0) print(`… ${moreTraces} more traces\n`);
    if (moreProblems > 0) print(`… ${moreProblems} more problems\n`);
  };
  const offs = [
    xray.on('trace', (trace) => {
      if (!select(trace) || !traces.take()) return;
      if (json) {
        print(`${JSON.stringify({ type: 'trace', ...trace })}\n`);
        return;
      }
      const lines = traceLines(trace, options, `${xray.url}/#/trace/${trace.id}`);
      const whole = options.lines === 0 || options.lines === undefined || trees.take(lines.length);
      print(whole ? `${lines.join('\n')}\n\n` : `${shortLine(lines)}\n`);
    }),
    xray.on('problem', (problem) => {
      if (problems.take()) print(problemText(problem, json));
    }),
    xray.on('notice', ({ message }) =>
      print(json ? `${JSON.stringify({ type: 'notice', message })}\n` : `${printable(message)}\n`),
    ),
  ];
  const timers = [setInterval(status, STATUS_EVERY_MS), setInterval(rest, 1_000)];
  for (const timer of timers) timer.unref();
  return {
    progress: (text) => {
      progress = text;
      status();
    },
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      rest();
      for (const off of offs) off();
      if (live) out.write(CLEAR_LINE);
    },
  };
}

/** Returns a tree as one line: its head, and the first request or else the first segment. */
function shortLine(lines: readonly string[]): string {
  const request = lines.find((line) => line.includes(' → ')) ?? lines[1] ?? '';
  return `${lines[0]}  ${request.replace(/^[│├└─ ]+/, '')}`;
}

/** Returns which traces `--errors`, `--slow` and `--filter` print; `undefined` prints all. */
export function traceSelector(
  { errors, slowMs, filter }: Omit<ShowOptions, 'lines'>,
  xray: Pick<LocalXRay, 'matcher'>,
): ((trace: LocalTrace) => boolean) | undefined {
  if (!errors && slowMs === undefined && filter === undefined) return undefined;
  const matches = filter === undefined ? () => true : xray.matcher(filter);
  const bad = ({ documents }: LocalTrace): boolean => documents.some(hasFailed);
  const slow = ({ responseTime, duration }: LocalTrace): boolean =>
    slowMs !== undefined && (responseTime ?? duration) * 1000 >= slowMs;
  const wanted = (trace: LocalTrace): boolean =>
    (!errors && slowMs === undefined) || (errors && bad(trace)) || slow(trace);
  return (trace) => wanted(trace) && matches(trace);
}

/** Lets `most` through until `left()` is called, which returns how many were held back. */
function limiter(most: number): { take(count?: number): boolean; left(): number } {
  let taken = 0;
  return {
    take: (count = 1) => {
      taken += count;
      return taken <= most;
    },
    left: () => {
      const left = Math.max(taken - most, 0);
      taken = 0;
      return left;
    },
  };
}

/** Returns whether the segment or one of its subsegments has an error, fault or throttle. */
function hasFailed(document: SegmentDocument): boolean {
  return (
    !isOk(flagsOf(document as unknown as JsonObject)) ||
    (document.subsegments?.some(hasFailed) ?? false)
  );
}

function traceLines(
  trace: LocalTrace,
  { out, color, lines = 0 }: TerminalOptions,
  where: string,
): readonly string[] {
  const width = out.isTTY ? out.columns : undefined;
  // Who asks for all lines gets them.
  const tree = traceTree(trace.documents, { color, width, groupRepeats: lines > 0 });
  return foldTree(tree, { lines, where });
}

function problemText(problem: Problem, json: boolean): string {
  if (json) return `${JSON.stringify({ type: 'problem', ...problem })}\n`;
  const { kind, code, reason } = problem;
  const what =
    kind === 'refused'
      ? `X-Ray would reject a document (${code}): ${reason}`
      : `ignored: ${reason}`;
  return `${printable(what)}\n`;
}

export function countsLine(counts: Counts): string {
  const { traces, documents, bytes, refused, foreign } = counts;
  const parts = [
    `${traces} ${traces === 1 ? 'trace' : 'traces'}`,
    `${documents} ${documents === 1 ? 'document' : 'documents'}`,
    `${Math.ceil(bytes / 1024)} KB`,
    refused > 0 ? `${refused} refused` : '',
    foreign > 0 ? `${foreign} not X-Ray` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
