import { appendFileSync, writeSync } from 'node:fs';
import { warnOnce } from '../diagnostics.ts';

/**
 * Where `OTEL_XRAY_DUMP` sends the documents, one JSON line each: `stdout`, or a file to add to.
 *
 * Written at once, so that a process that crashes has written what it sent; for looking on, not for
 * production.
 */
export function documentWriter(target: string): (line: string) => void {
  const write =
    target === 'stdout'
      ? (line: string) => void writeSync(1, `${line}\n`)
      : (line: string) => appendFileSync(target, `${line}\n`);
  return (line) => {
    try {
      write(line);
    } catch (error) {
      warnOnce(`OTEL_XRAY_DUMP=${target} cannot be written: ${String(error)}`, `dump ${target}`);
    }
  };
}
