import type { TranslatorOptions } from '../../src/translator/context/options.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { toDocuments } from '../../src/translator/index.ts';
import { numberedIds } from './ids.ts';
import { type SpanParts, span } from './span.ts';

/** The documents of a span as a reader of the JSON sees them, ids counting up. */
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

/** The only document of a span. */
export function oneDocument(parts: SpanParts, options: TranslatorOptions = {}): SegmentDocument {
  const documents = translated(parts, options);
  if (documents.length !== 1) throw new Error(`${documents.length} documents where one was meant`);
  return documents[0] as SegmentDocument;
}

/** A span of this kind below a local parent, so that it is a subsegment unless it is SERVER. */
export function child(parts: SpanParts): SpanParts {
  return { kind: 'CLIENT', parent: '1111111111111111', ...parts };
}
