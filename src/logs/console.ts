import { xrayTraceId } from '../api/trace-id.ts';
import { attempt } from '../attempt.ts';
import { LOG_FIELD } from './hook.ts';

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** The methods of `console` that write a line. */
export type LineConsole = Record<(typeof METHODS)[number], (...data: unknown[]) => void>;

const PATCHED = Symbol.for('otel-xray console');

/**
 * Adds the trace id to every line that the application writes to `console` inside a trace.
 *
 * A line that is a JSON object gets a field. To any other line, ` xray_trace_id=1-…` is appended.
 * Outside a trace, nothing is added. Patching a console again has no effect.
 *
 * @returns a function that restores the console
 */
export function traceConsole(target: LineConsole, field: string = LOG_FIELD): () => void {
  const marked = target as LineConsole & { [PATCHED]?: true };
  if (marked[PATCHED]) return () => {};
  const originals = METHODS.map((method) => [method, target[method]] as const);
  for (const [method, write] of originals) {
    target[method] = function traced(this: unknown, ...data: unknown[]): void {
      write.apply(this, attempt('console', () => withTraceId(data, field)) ?? data);
    };
  }
  Object.defineProperty(target, PATCHED, { value: true, configurable: true });
  return () => {
    for (const [method, write] of originals) target[method] = write;
    delete marked[PATCHED];
  };
}

function withTraceId(data: unknown[], field: string): unknown[] {
  const id = xrayTraceId();
  if (id === undefined) return data;
  const [only] = data;
  if (data.length === 1 && typeof only === 'string' && isJsonObject(only)) {
    return [jsonWithField(only, field, id)];
  }
  return [...data, `${field}=${id}`];
}

/** The first check is cheap, since most lines are not JSON. */
function isJsonObject(text: string): boolean {
  const line = text.trim();
  if (!line.startsWith('{') || !line.endsWith('}')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Inserts the field as text to preserve large numbers and key order. Keeps an existing field. */
function jsonWithField(text: string, field: string, id: string): string {
  const line = text.trimEnd();
  if (Object.hasOwn(JSON.parse(line), field)) return text;
  const comma = /^\s*\{\s*\}$/.test(line) ? '' : ',';
  return `${line.slice(0, -1)}${comma}${JSON.stringify(field)}:"${id}"}`;
}
