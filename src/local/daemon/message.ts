import { asObject, parseJson } from '../json.ts';

/** The content of a datagram; its document is not parsed yet. */
export type Message =
  | { readonly kind: 'document'; readonly text: string }
  /** An OTLP `ExportTraceServiceRequest` as ADOT sends it in Lambda. */
  | { readonly kind: 'otlp'; readonly sampled: boolean; readonly body: Buffer }
  | { readonly kind: 'foreign'; readonly reason: string };

/** `T1S` sampled, `T1U` not: the prefixes of ADOT's UDP exporter, before base64 of protobuf. */
const OTLP_PREFIX = /^T1([SU])/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads a datagram as the daemon does: a header line `{"format":"json","version":1}`, a newline,
 * the document.
 *
 * @see aws/aws-xray-daemon pkg/util/util.go SplitHeaderBody
 */
export function parseMessage(datagram: Buffer): Message {
  const newline = datagram.indexOf(0x0a);
  if (newline === -1) return foreign(datagram, 'no header line');
  const header = asObject(parseJson(datagram.toString('utf8', 0, newline)));
  const format = header?.['format'];
  if (header === undefined || typeof format !== 'string' || format.toLowerCase() !== 'json') {
    return foreign(datagram, 'the first line is not {"format":"json","version":1}');
  }
  if (header['version'] !== 1) {
    return foreign(datagram, `header version ${JSON.stringify(header['version'])} is not 1`);
  }
  const body = datagram.toString('utf8', newline + 1).trim();
  const otlp = OTLP_PREFIX.exec(body);
  if (otlp) {
    const base64 = body.slice(otlp[0].length);
    if (!BASE64.test(base64)) return foreign(datagram, `${otlp[0]} text that is not base64`);
    return { kind: 'otlp', sampled: otlp[1] === 'S', body: Buffer.from(base64, 'base64') };
  }
  if (body === '') return foreign(datagram, 'a header without a document');
  return { kind: 'document', text: body };
}

function foreign(datagram: Buffer, reason: string): Message {
  return {
    kind: 'foreign',
    reason: `${datagram.length} bytes that are not an X-Ray message: ${reason}`,
  };
}
