import type { StackFrame } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { addFrame, linesOf, newException, type ParsedException, typeAndMessage } from './frames.ts';
import { decoded, memoize } from './text.ts';

/**
 * Parses a V8 stack trace in all its forms (docs/spec/translation.md section 4.4, B-31).
 *
 * Reads each line once, from its ends, without backtracking. Linear time.
 *
 * @param type `exception.type` of the event
 * @param message `exception.message`; skipped in the text, because it may look like frames
 */
export function parseV8Stack(
  text: string,
  type: string,
  message: string,
): readonly ParsedException[] {
  return parsedFrames(afterMessage(text.slice(0, LIMITS.stackText), type, message));
}

/** Memoized, because the same few places of an application throw again and again. */
const parsedFrames = memoize(parseFrames, 100, 8_192);

function parseFrames(text: string): readonly ParsedException[] {
  let current = newException();
  const chain = [current];
  for (const line of linesOf(text)) {
    const body = line.trimStart();
    if (body.startsWith('at ') && body.length > 3) {
      readFrame(current, body.slice(3).trim());
      continue;
    }
    if (body.startsWith('[errors]: [')) break;
    const link = LINKS.find((prefix) => body.startsWith(prefix));
    if (link !== undefined) {
      const [type, message] = typeAndMessage(withoutBrace(body.slice(link.length)));
      current = newException(type, message, link === MEMBER || undefined);
      chain.push(current);
      continue;
    }
    current.truncated += framesLeftOut(body);
  }
  for (const { stack } of chain) {
    removeOwnFrames(stack);
    Object.freeze(stack);
  }
  return chain;
}

/** Files of this package, in `node_modules` or in a checkout of its name. */
const OWN_FILE = /[\\/]otel-xray[\\/]dist[\\/].+\.[cm]js$/;

/** Removes the frames of this package, which calls the code of the app, unless no others remain. */
function removeOwnFrames(stack: StackFrame[]): void {
  const isOwn = stack.map(({ path }) => path !== undefined && OWN_FILE.test(path));
  if (!isOwn.includes(true) || !isOwn.includes(false)) return;
  // It runs code in a context by a function of Node.js, whose frame comes before its own.
  const kept = stack.filter(
    (frame, i) => !isOwn[i] && !(isOwn[i + 1] && RUNS_IN_CONTEXT.has(frame.label ?? '')),
  );
  stack.splice(0, stack.length, ...kept);
}

const RUNS_IN_CONTEXT: ReadonlySet<string> = new Set(['AsyncLocalStorage.run']);

/** Skips the message at the start of the text. */
function afterMessage(text: string, type: string, message: string): string {
  if (message === '') return text;
  const first = text.indexOf(message);
  if (first === -1) return text;
  const lineEnd = text.indexOf('\n');
  const onFirstLine = lineEnd === -1 || first < lineEnd;
  const atHead = type !== '' && text.startsWith(`${type}: ${message}`);
  return onFirstLine || atHead ? text.slice(first + message.length) : text;
}

/** The prefix of an error of an `AggregateError`; `util.inspect` writes `[errors]: [` instead. */
const MEMBER = '[errors]: ';
/** The prefixes of lines that start another exception. */
const LINKS: readonly string[] = ['[cause]: ', 'Caused by: ', MEMBER];

/**
 * Returns the number in `... 3 more` and in `... 12 lines matching cause stack trace ...`; 0 for
 * other lines.
 */
function framesLeftOut(line: string): number {
  const digits = /^\.\.\. (\d{1,6}) (?:more|lines matching)\b/.exec(line)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

function withoutBrace(line: string): string {
  const text = line.trimEnd();
  return text.endsWith(' {') ? text.slice(0, -2).trimEnd() : text;
}

function readFrame(exception: ParsedException, line: string): void {
  const body = withoutBrace(line);
  const [label, location] = labelAndLocation(body);
  const place = placeOf(location);
  const name = label.trim() === 'async' ? 'async anonymous' : label.trim();
  addFrame(
    exception,
    place.path,
    place.line,
    place.index === undefined
      ? name || place.label || 'anonymous'
      : `${name || 'anonymous'} (${place.index})`,
  );
}

/** Splits `label (location)`; a body that does not end in parentheses is a location. */
function labelAndLocation(body: string): [label: string, location: string] {
  if (!body.endsWith(')')) {
    return body.startsWith('async ') ? ['async', body.slice(6)] : ['', body];
  }
  let depth = 0;
  for (let i = body.length - 1; i >= 0; i -= 1) {
    const char = body.charCodeAt(i);
    if (char === 0x29) depth += 1;
    else if (char === 0x28) depth -= 1;
    if (depth === 0 && (i === 0 || body.charCodeAt(i - 1) === 0x20)) {
      return [body.slice(0, i), body.slice(i + 1, -1)];
    }
    if (depth === 0) break;
  }
  const open = body.indexOf(' (');
  return open === -1 ? ['', body] : [body.slice(0, open), body.slice(open + 2, -1)];
}

interface Place {
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  /** The function name in the location, if the line has none. */
  readonly label?: string | undefined;
  /** `index N` of `Promise.all`. */
  readonly index?: string | undefined;
}

function placeOf(text: string): Place {
  const location = innermost(text);
  if (location === 'native' || location === '<anonymous>') return { path: location };
  if (location === 'unknown location') return {};
  if (location.startsWith('index ') && /^index \d+$/.test(location)) return { index: location };
  if (location.startsWith('wasm://')) return wasmPlace(location);
  const [rest, last] = withoutNumber(location);
  const [path, first] = withoutNumber(rest);
  return { path: filePath(path), line: first ?? last };
}

/**
 * Returns the real file of a place in `eval`:
 * `eval at f (eval at g (/app/e.js:5:1)), <anonymous>:1:1` → `/app/e.js:5:1`.
 */
function innermost(text: string): string {
  if (!text.startsWith('eval at ')) return text;
  let depth = 0;
  let start = -1;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === 0x28 && text.charCodeAt(i - 1) === 0x20) {
      depth += 1;
      start = i + 1;
      if (!text.startsWith('eval at ', start)) {
        const end = closing(text, start);
        return text.slice(start, end);
      }
    }
  }
  return depth === 0 ? text : text.slice(start);
}

/** Returns the index of the parenthesis that closes the one before `start`. */
function closing(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === 0x28) depth += 1;
    else if (char === 0x29) depth -= 1;
    if (depth === 0) return i;
  }
  return text.length;
}

function wasmPlace(location: string): Place {
  const at = location.indexOf(':wasm-function[');
  if (at === -1) return { path: location };
  const end = location.indexOf(']', at);
  return {
    path: location.slice(0, at),
    label: location.slice(at + 1, end === -1 ? undefined : end + 1),
  };
}

/** Splits `:digits` off the end. */
function withoutNumber(text: string): [rest: string, number: number | undefined] {
  let start = text.length;
  while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1;
  if (start === text.length || start < 2 || text.charCodeAt(start - 1) !== 0x3a) {
    return [text, undefined];
  }
  return [text.slice(0, start - 1), Number(text.slice(start))];
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Returns the path of a `file:` URL; any other location unchanged. */
function filePath(path: string): string {
  if (!path.startsWith('file://')) return path;
  const query = path.indexOf('?');
  const plain = decoded(path.slice(7, query === -1 ? undefined : query));
  return /^\/[A-Za-z]:/.test(plain) ? plain.slice(1) : plain;
}
