import {
  addFrame,
  linesOf,
  newException,
  type ParsedException,
  type StackParser,
  typeAndMessage,
} from './frames.ts';

/** Parsers by `telemetry.sdk.language`. */
const FOREIGN_PARSERS: Readonly<Record<string, StackParser>> = {
  java: parseJava,
  php: parseJava,
  python: parsePython,
  dotnet: parseDotNet,
  go: parseGo,
};

/**
 * Parses a stack trace of another language, for spans of other SDKs.
 *
 * Same results as the Collector, without its crashes (docs/spec/translation.md section 4.4).
 *
 * @returns `undefined` for a language without a parser
 */
export function parseForeignStack(
  language: string,
  text: string,
  type: string,
  message: string,
): readonly ParsedException[] | undefined {
  const parse = Object.hasOwn(FOREIGN_PARSERS, language) ? FOREIGN_PARSERS[language] : undefined;
  return parse?.(text, type, message);
}

/**
 * Parses `TAB at module/label(file:line)` and `Caused by: T: M`, whose message can have several
 * lines.
 */
function parseJava(text: string): ParsedException[] {
  let current = newException();
  const chain = [current];
  let inMessage = false;
  for (const line of linesOf(text).slice(1)) {
    if (line.startsWith('\tat ')) {
      inMessage = false;
      const body = line.slice(4).trim();
      const open = body.indexOf('(');
      const close = body.lastIndexOf(')');
      if (open === -1 || close < open) continue;
      const label = body.slice(body.lastIndexOf('/', open) + 1, open);
      const [path, number] = pathAndLine(body.slice(open + 1, close));
      addFrame(current, path, number ?? 0, label);
    } else if (line.startsWith('Caused by: ')) {
      const [type, message] = typeAndMessage(line.slice(11).trimEnd());
      current = newException(type, message);
      chain.push(current);
      inMessage = true;
    } else if (line.startsWith('\tSuppressed: ') || line.startsWith('\t... ')) {
      inMessage = false;
    } else if (inMessage && !line.startsWith('\t')) {
      current.message = (current.message ?? '') + line;
    }
  }
  return chain;
}

/** Splits `file:line` at the last colon; without a number there is no line. */
function pathAndLine(text: string): [path: string, line: number | undefined] {
  const colon = text.lastIndexOf(':');
  if (colon === -1 || !/^\d+$/.test(text.slice(colon + 1))) return [text, undefined];
  return [text.slice(0, colon), Number(text.slice(colon + 1))];
}

const PYTHON_BREAKS: readonly string[] = [
  'During handling of the above exception, another exception occurred:',
  'The above exception was the direct cause of the following exception:',
];
const PYTHON_FRAME = /^ {2}File "?([^",]+)"?, line (\d+), in ([^,]*)$/;

/** The last exception is the first of the chain; its innermost frame comes first. */
function parsePython(text: string): ParsedException[] {
  const blocks: string[][] = [[]];
  for (const line of linesOf(text)) {
    if (PYTHON_BREAKS.includes(line.trim())) blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.reverse().map(pythonException);
}

function pythonException(lines: readonly string[], index: number): ParsedException {
  const frames = lines.flatMap((line) => {
    const found = PYTHON_FRAME.exec(line);
    return found === null ? [] : [found];
  });
  const lastFrame = lines.findLastIndex((line) => PYTHON_FRAME.test(line));
  // The source line of the last frame precedes the exception itself.
  const after = lines.slice(lastFrame + 1);
  const text = after.filter((line) => line.trim() !== '' && !line.startsWith(' ')).join('\n');
  const [type, message] = typeAndMessage(text.trim());
  const exception = index === 0 ? newException() : newException(type || undefined, message);
  for (const [, path, number, label] of frames.reverse()) {
    addFrame(exception, path, Number(number), label ?? '');
  }
  return exception;
}

/** Parses `at label in path:line N`. */
function parseDotNet(text: string): ParsedException[] {
  const exception = newException();
  for (const line of linesOf(text).slice(1)) {
    const body = line.trim();
    if (!body.startsWith('at ')) continue;
    const at = body.indexOf(' in ');
    if (at === -1) {
      const close = body.lastIndexOf(')');
      addFrame(exception, undefined, 0, body.slice(3, close === -1 ? undefined : close + 1));
      continue;
    }
    const found = /^(.*):line (\d+)$/.exec(body.slice(at + 4));
    addFrame(
      exception,
      found?.[1] ?? body.slice(at + 4),
      Number(found?.[2] ?? 0),
      body.slice(3, at),
    );
  }
  return [exception];
}

/** Parses pairs of lines: the function, then `path:line +0x…`. */
function parseGo(text: string): ParsedException[] {
  const exception = newException();
  let label: string | undefined;
  for (const line of linesOf(text)) {
    if (line.startsWith('goroutine ') && line.includes('running') && line.endsWith(':')) continue;
    if (!line.startsWith('\t')) {
      if (label !== undefined) addFrame(exception, undefined, 0, label);
      label = line.trim() === '' ? undefined : line.trim();
    } else if (label !== undefined) {
      const [path, number] = pathAndLine(line.trim().split(' ')[0] ?? '');
      addFrame(exception, path, number ?? 0, label);
      label = undefined;
    }
  }
  return [exception];
}
