import { appendFileSync, writeSync } from 'node:fs';
import { warnOnce } from '../diagnostics.ts';
import { type LineWriterOptions, lineWriter } from '../output.ts';

/** How long the end of the process waits for a slow reader. */
const FLUSH_MS = 250;

/**
 * Where `OTEL_XRAY_DUMP` sends the documents, one JSON line each: `stdout`, or a file to append to.
 *
 * Written synchronously, so that a process that crashes has written what it sent; meant for
 * debugging, not for production. While the reader of standard output is slow, up to 1 MiB waits.
 */
export function documentWriter(target: string): (line: string) => void {
  const options: LineWriterOptions = {
    onError: (error) =>
      warnOnce(
        `OTEL_XRAY_DUMP=${target} cannot be written: ${error.message}; documents are still sent`,
        `dump ${target}`,
      ),
    onLost: (lines) => warnOnce(`OTEL_XRAY_DUMP=${target}: ${lines} documents were not written`),
  };
  const { write, flush } = lineWriter(
    target === 'stdout' ? (bytes) => writeSync(1, bytes) : (bytes) => append(target, bytes),
    options,
  );
  process.on('exit', () => flush(FLUSH_MS));
  return (line) => write(`${line}\n`);
}

function append(file: string, bytes: Uint8Array): number {
  appendFileSync(file, bytes);
  return bytes.length;
}
