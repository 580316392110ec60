import type { StackFrame } from '../document.ts';
import { LIMITS } from '../limits.ts';
import { truncate } from './text.ts';

/** An exception of a parsed stack trace; the first is the exception itself, the others its causes. */
export interface ParsedException {
  /** `undefined` on the first exception, whose event has them. */
  type?: string | undefined;
  message?: string | undefined;
  readonly stack: StackFrame[];
  /** Number of frames that were left out. */
  truncated: number;
  /** One of the errors of an `AggregateError`, rather than the cause of the exception before it. */
  readonly isMember?: boolean | undefined;
}

export type StackParser = (
  text: string,
  type: string,
  message: string,
) => readonly ParsedException[];

export function newException(type?: string, message?: string, isMember?: boolean): ParsedException {
  return { type, message, stack: [], truncated: 0, isMember };
}

/** Adds a frame, or counts it as truncated if the limit is reached. */
export function addFrame(
  exception: ParsedException,
  path: string | undefined,
  line: number | undefined,
  label: string,
): void {
  if (exception.stack.length >= LIMITS.frames) {
    exception.truncated += 1;
    return;
  }
  exception.stack.push({
    path: truncate((path ?? '').trim(), LIMITS.stackPath).trim() || undefined,
    line: line !== undefined && Number.isSafeInteger(line) ? line : undefined,
    label: truncate(label.trim(), LIMITS.stackLabel).trim() || 'anonymous',
  });
}

/** Splits a header line `type: message`. */
export function typeAndMessage(header: string): [type: string, message: string | undefined] {
  const colon = header.indexOf(': ');
  return colon === -1
    ? [header.replace(/:$/, ''), undefined]
    : [header.slice(0, colon), header.slice(colon + 2)];
}

/** Returns the lines of a stack trace, up to the limit. */
export function linesOf(text: string): string[] {
  const lines = text.slice(0, LIMITS.stackText).split('\n', LIMITS.stackLines);
  return text.includes('\r') ? lines.map((line) => line.replace(/\r$/, '')) : lines;
}
