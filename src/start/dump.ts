import { warnOnce } from '../diagnostics.ts';
import { type LineWriterOptions, lineWriter } from '../output.ts';
import { appendFileSync, writeSync } from '../real-files.ts';

/** Time limit at process exit for writing to a slow reader. */
const FLUSH_MS = 250;

/**
 * Returns a function that writes to the destination of `OTEL_XRAY_DUMP`, which receives one JSON
 * line per document: `stdout`, or a file that is appended to.
 *
 * Writes are synchronous, so a process that crashes has written everything it sent. For debugging,
 * not for production. Up to 1 MiB is buffered while the reader of standard output is slow.
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
