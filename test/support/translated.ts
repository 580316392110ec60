import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { numberedIds } from './ids.ts';
import { type SpanParts, span } from './span.ts';

/** Returns the documents of a span as parsed JSON, with ids that count up. */
export function translated(
  parts: SpanParts,
  options: TranslatorOptions = {},
): readonly SegmentDocument[] {
  const documents = toDocuments(span(parts), {
    randomId: numberedIds(),
    onWarning: () => {},
    resourceMetadata: 'none',
    ...options,
  });
  return JSON.parse(JSON.stringify(documents));
}

/** Returns the only document of a span. */
export function oneDocument(parts: SpanParts, options: TranslatorOptions = {}): SegmentDocument {
  const documents = translated(parts, options);
  if (documents.length !== 1) throw new Error(`${documents.length} documents instead of one`);
  return documents[0] as SegmentDocument;
}

/** Returns a span of this kind with a local parent: a subsegment, unless the kind is SERVER. */
export function child(parts: SpanParts): SpanParts {
  return { kind: 'CLIENT', parent: '1111111111111111', ...parts };
}
