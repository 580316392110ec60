import type { Counts, LocalTrace, LocalXRay, Problem } from './index.ts';
import { printable, traceTree } from './tree.ts';

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
}

/** Clears the line the cursor is in. */
const CLEAR_LINE = '\r\u001b[2K';
const STATUS_EVERY_MS = 200;
/** What a reader can follow; a flood is counted. */
const TRACES_PER_SECOND = 50;
const PROBLEMS_PER_SECOND = 20;

/** Whether colours may be written (NO_COLOR, FORCE_COLOR, no terminal). */
export function mayColor(
  out: TextWriter,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return out.isTTY === true && env['TERM'] !== 'dumb';
}

/**
 * Writes traces and problems of a local X-Ray as they arrive, and on a terminal one line of counts
 * below them that changes in place.
 *
 * @returns a function that takes the line off and stops
 */
export function showOnTerminal(xray: LocalXRay, { out, json, color }: TerminalOptions): () => void {
  const live = out.isTTY === true && !json;
  let shown = '';
  const status = (): void => {
    const line = countsLine(xray.counts()).slice(0, (out.columns ?? 80) - 1);
    if (!live || line === shown) return;
    shown = line;
    out.write(`${CLEAR_LINE}${line}`);
  };
  const print = (text: string): void => {
    out.write(`${live ? CLEAR_LINE : ''}${text}`);
    shown = '';
    status();
  };
  const traces = limiter(json ? Number.POSITIVE_INFINITY : TRACES_PER_SECOND);
  const problems = limiter(json ? Number.POSITIVE_INFINITY : PROBLEMS_PER_SECOND);
  const rest = (): void => {
    const [moreTraces, moreProblems] = [traces.left(), problems.left()];
    if (moreTraces > 0) print(`… ${moreTraces} more traces\n`);
    if (moreProblems > 0) print(`… ${moreProblems} more problems\n`);
  };
  const offs = [
    xray.on('trace', (trace) => {
      if (traces.take()) print(traceText(trace, { out, json, color }));
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
  return () => {
    for (const timer of timers) clearInterval(timer);
    rest();
    for (const off of offs) off();
    if (live) out.write(CLEAR_LINE);
  };
}

/** Lets so many through until {@link left} is asked, which says how many were kept back. */
function limiter(most: number): { take(): boolean; left(): number } {
  let taken = 0;
  return {
    take: () => {
      taken += 1;
      return taken <= most;
    },
    left: () => {
      const left = Math.max(taken - most, 0);
      taken = 0;
      return left;
    },
  };
}

function traceText(trace: LocalTrace, { out, json, color }: TerminalOptions): string {
  if (json) return `${JSON.stringify({ type: 'trace', ...trace })}\n`;
  const lines = traceTree(trace.documents, { color, width: out.isTTY ? out.columns : undefined });
  return `${lines.join('\n')}\n\n`;
}

function problemText(problem: Problem, json: boolean): string {
  if (json) return `${JSON.stringify({ type: 'problem', ...problem })}\n`;
  const { kind, code, reason } = problem;
  const what =
    kind === 'refused' ? `X-Ray would refuse a document (${code}): ${reason}` : `ignored ${reason}`;
  return `${printable(what)}\n`;
}

export function countsLine(counts: Counts): string {
  const { traces, documents, bytes, refused, foreign } = counts;
  const parts = [
    `${traces} ${traces === 1 ? 'trace' : 'traces'}`,
    `${documents} ${documents === 1 ? 'document' : 'documents'}`,
    `${Math.ceil(bytes / 1024)} KB`,
    refused > 0 ? `${refused} refused` : '',
    foreign > 0 ? `${foreign} not X-Ray's` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
