import { FRAME_HEADER } from '../../exporter/encode/frame.ts';
import { asList, asObject, asText, type JsonObject, parseJson } from '../json.ts';

/** Id of the element that holds the data of an exported HTML file. */
export const DATA_ELEMENT = 'otel-xray-traces';

/**
 * Reads the segment documents of a file. Takes what `aws xray batch-get-traces` prints, what the
 * page and `otel-xray dev --json` write, an exported HTML page, a recording, and plain documents:
 * one, a list, or one per line.
 *
 * Inferred segments are left out; they are made again from the calls.
 *
 * @throws {Error} when the text holds no segment document; the message has the line number
 */
export function documentsOfFile(text: string): readonly JsonObject[] {
  const start = text.trimStart();
  if (start === '') throw new Error('the file is empty');
  const whole = start.startsWith('<') ? dataOfHtml(start) : parseJson(text);
  const documents = whole === undefined ? documentsOfLines(text) : documentsOfValue(whole);
  if (documents === undefined || documents.length === 0) {
    throw new Error('the file holds no segment documents');
  }
  return documents.filter((document) => document['inferred'] !== true);
}

function dataOfHtml(text: string): unknown {
  const element = new RegExp(`<script[^>]* id="${DATA_ELEMENT}"[^>]*>([\\s\\S]*?)</script>`);
  const value = parseJson(element.exec(text)?.[1] ?? '');
  if (value === undefined) throw new Error('the HTML file was not exported by otel-xray');
  return value;
}

function documentsOfLines(text: string): readonly JsonObject[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const documents = documentsOfValue(parseJson(line));
    if (documents === undefined) throw new Error(`line ${index + 1} is not a segment document`);
    return documents;
  });
}

/**
 * Returns the documents of a value; `undefined` for anything but documents, or something that holds
 * documents.
 */
function documentsOfValue(value: unknown): readonly JsonObject[] | undefined {
  if (Array.isArray(value)) {
    const lists = value.map(documentsOfValue);
    return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  }
  const record = asObject(typeof value === 'string' ? parseJson(value) : value);
  if (record === undefined) return undefined;
  if (asText(record['trace_id']) !== undefined) return [record];
  const inner = record['Traces'] ?? record['Segments'] ?? record['documents'];
  if (Array.isArray(inner)) return documentsOfValue(inner);
  if (record['Document'] !== undefined) return documentsOfValue(record['Document']);
  const datagram = asText(record['text']);
  if (datagram?.startsWith(FRAME_HEADER)) {
    return documentsOfValue(parseJson(datagram.slice(FRAME_HEADER.length))) ?? [];
  }
  // Other lines of a recording or of `--json` hold no documents.
  return asList(Object.keys(record)).some((key) => key === 'at' || key === 'type') ? [] : undefined;
}
