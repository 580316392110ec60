import { createReadStream } from 'node:fs';
import { flatten } from '../exporter/batch/nest.ts';
import { readLines } from '../read-lines.ts';
import type { SegmentDocument } from '../translator/document.ts';

/** The part of a line or file that is looked at. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads segment documents from a file, nested ones taken out of their parents: a recording of
 * `otel-xray dev --record`, the output of `OTEL_XRAY_DUMP`, or traces as the page exports them and
 * `aws xray batch-get-traces` prints them.
 *
 * @throws {Error} when a line is none of these; the message has its number
 */
export async function readDocuments(file: string): Promise<readonly SegmentDocument[]> {
  const lines: string[] = [];
  for await (const line of readLines(createReadStream(file))) lines.push(line);
  const whole = parsed(lines.join('\n'));
  const isTraces = Array.isArray(whole?.['Traces']);
  const entries = isTraces ? documentsOfTraces(whole as Fields) : documentsOfLines(file, lines);
  return entries.flatMap((document) => flatten(document));
}

function documentsOfTraces({ Traces: traces }: Fields): readonly SegmentDocument[] {
  return (traces as readonly Fields[]).flatMap(({ Segments: segments }) =>
    (Array.isArray(segments) ? (segments as readonly Fields[]) : []).flatMap(
      ({ Document: text }) => documentIn(String(text)) ?? [],
    ),
  );
}

function documentsOfLines(file: string, lines: readonly string[]): readonly SegmentDocument[] {
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const entry = parsed(line);
    // A recording has the datagram: a header line, and the document.
    const text = typeof entry?.['text'] === 'string' ? entry['text'] : line;
    const document = documentIn(text.slice(text.indexOf('\n') + 1));
    if (document === undefined) {
      throw new Error(`${file}: line ${index + 1} is neither a recording nor a segment document`);
    }
    return document;
  });
}

function documentIn(text: string): SegmentDocument | undefined {
  const value = parsed(text);
  const isDocument = typeof value?.['id'] === 'string' && typeof value['name'] === 'string';
  return isDocument ? (value as unknown as SegmentDocument) : undefined;
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
