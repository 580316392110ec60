import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface LogLines {
  /** Files that were looked through. */
  readonly files: readonly string[];
  /** Lines that name the trace, in the order of the file. */
  readonly lines: readonly { readonly file: string; readonly text: string }[];
  /** There are more lines than these. */
  readonly more: boolean;
}

/** Only the end of a long file is read: a trace of the last minutes is looked for. */
const READ_BYTES = 8 * 1024 * 1024;
const MAX_LINES = 500;
const MAX_LINE_LENGTH = 16_384;

/**
 * The log groups that are files of this machine.
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
 * Lines of log files that name a trace, in X-Ray's form of the id or as 32 hexadecimal digits.
 *
 * Only files that whoever started this has named are read, never one that a document names.
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

/** The last bytes of a file; empty when it cannot be read: it may be turned over just now. */
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
