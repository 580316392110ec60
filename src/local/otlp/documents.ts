import { readTraceRequest } from '../../otlp/read.ts';
import type { TranslatorOptions } from '../../translator/context/options.ts';
import type { SegmentDocument } from '../../translator/document.ts';
import { toDocuments } from '../../translator/index.ts';
import { asList, asObject, type JsonObject } from '../json.ts';
import { readMessageBytes } from './protobuf.ts';
import { TRACE_REQUEST } from './trace-request.ts';

/** A document that was made here from an OpenTelemetry span. */
export interface TranslatedDocument {
  readonly document: SegmentDocument;
  /** The span in OTLP/JSON. */
  readonly span: JsonObject;
}

/** Options for spans of other processes: no time check, no resource of this process. */
const OPTIONS: TranslatorOptions = { onDrop: () => undefined, onWarning: () => undefined };

/**
 * Returns the documents of an OTLP trace request in protobuf, as ADOT sends it to the daemon of
 * Lambda.
 *
 * @throws {ProtobufError} when the bytes are not such a request
 */
export function documentsOfOtlp(body: Buffer): readonly TranslatedDocument[] {
  const request = readMessageBytes(body, TRACE_REQUEST);
  const spans = readTraceRequest(JSON.stringify(request));
  const jsons = asList(request['resourceSpans'])
    .flatMap((resource) => asList(asObject(resource)?.['scopeSpans']))
    .flatMap((scope) => asList(asObject(scope)?.['spans']));
  return spans.flatMap((span, index) =>
    toDocuments(span, OPTIONS).map((document) => ({
      document,
      span: asObject(jsons[index]) ?? {},
    })),
  );
}
