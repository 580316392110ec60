import { BatchWriter } from '../../src/exporter/batch/batch-writer.ts';
import { truncateDocument } from '../../src/exporter/batch/truncate.ts';
import { newCounters } from '../../src/exporter/counters.ts';
import { ByteWriter } from '../../src/exporter/encode/byte-writer.ts';
import { MAX_DOCUMENT_BYTES } from '../../src/exporter/limits.ts';
import { TemplateCache } from '../../src/exporter/template-cache/template-cache.ts';
import { toPartialDocuments } from '../../src/translator/index.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';

/** Number of spans that are nested together. */
const TOGETHER = 4;

const options = {};
const out = new ByteWriter(1 << 20);

/** Returns a batch writer like the exporter's, with or without the template cache. */
export function newBatchWriter(hasCache: boolean): BatchWriter {
  return new BatchWriter({
    counters: newCounters(),
    translate: (span) => toPartialDocuments(span, options),
    cache: hasCache ? new TemplateCache(options) : undefined,
    truncate: truncateDocument,
    nesting: true,
    maxDocumentBytes: MAX_DOCUMENT_BYTES,
    maxBatchSize: 512,
  });
}

/** Writes spans and returns the CPU time per span in microseconds. */
export function writeSpans(writer: BatchWriter, spans: readonly TranslatableSpan[]): number {
  const before = process.cpuUsage();
  for (let index = 0; index < spans.length; index += TOGETHER) {
    writer.addSpans(spans.slice(index, index + TOGETHER));
    while (!writer.isEmpty) writer.writeNext(out);
    out.length = 0;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / spans.length;
}
