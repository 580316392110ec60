import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface LogLines {
  /** Files that were searched. */
  readonly files: readonly string[];
  /** Lines that name the trace, in the order of the file. */
  readonly lines: readonly { readonly file: string; readonly text: string }[];
  /** There are more lines than these. */
  readonly more: boolean;
}

/** Only the end of a long file is read; it holds the latest traces. */
const READ_BYTES = 8 * 1024 * 1024;
const MAX_LINES = 500;
const MAX_LINE_LENGTH = 16_384;

/**
 * Returns the log groups that are paths of existing files.
 *
 * @param groups value of `OTEL_XRAY_LOG_GROUP`: names of log groups, or paths, with commas between
 */
export function logFilesOf(groups: string | undefined): readonly string[] {
  return (groups ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '' && isFile(group));
}

/**
 * Returns lines of log files that contain a trace id, in X-Ray's form or as 32 hexadecimal digits.
 *
 * Reads only files that were configured at the start, never one that a document names.
 */
export function logLines(files: readonly string[], traceId: string): LogLines {
  const names = [traceId, traceId.replace(/^1-/, '').replace('-', '')];
  const lines: { file: string; text: string }[] = [];
  for (const file of files) {
    for (const text of endOf(file).split('\n')) {
      if (!names.some((name) => text.includes(name))) continue;
      if (lines.length === MAX_LINES) return { files, lines, more: true };
      lines.push({ file, text: text.slice(0, MAX_LINE_LENGTH).replace(/\r$/, '') });
    }
  }
  return { files, lines, more: false };
}

/** Returns the end of a file; empty when it cannot be read, e.g. during rotation. */
function endOf(file: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
    const length = readSync(handle, bytes, 0, bytes.length, Math.max(size - READ_BYTES, 0));
    return bytes.toString('utf8', 0, length);
  } catch {
    return '';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
