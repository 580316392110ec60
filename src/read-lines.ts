import { StringDecoder } from 'node:string_decoder';

/**
 * Yields the lines of a UTF-8 stream, without their line breaks. Lines end at `\n` or `\r\n` only.
 *
 * `node:readline` also splits at U+2028 and U+2029, which may stand unescaped in JSON strings.
 *
 * @throws {Error} when the stream fails
 * @see https://github.com/ndjson/ndjson-spec
 */
export async function* readLines(
  stream: AsyncIterable<string | Buffer>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  // Chunks of one long line are joined once, at its end.
  let pending: string[] = [];
  for await (const chunk of stream) {
    const parts = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).split('\n');
    const rest = parts.pop() as string;
    for (const part of parts) {
      pending.push(part);
      yield withoutReturn(pending.join(''));
      pending = [];
    }
    if (rest !== '') pending.push(rest);
  }
  const last = pending.join('') + decoder.end();
  if (last !== '') yield withoutReturn(last);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
