/**
 * Measures the steps of the exporter: writing documents, nesting them, and assembling datagrams.
 *
 *   npx node benchmarks/nest.ts
 *
 * benchmarks/translate.ts measures the translation, benchmarks/subjects/export.ts the whole export.
 */
import { Bench } from 'tinybench';
import { BatchWriter } from '../src/exporter/batch/batch-writer.ts';
import { nest } from '../src/exporter/batch/nest.ts';
import { truncateDocument } from '../src/exporter/batch/truncate.ts';
import { newCounters } from '../src/exporter/counters.ts';
import { ByteWriter } from '../src/exporter/encode/byte-writer.ts';
import { writeDocument } from '../src/exporter/encode/write-document.ts';
import { NO_CHILDREN } from '../src/exporter/encode/written-document.ts';
import { createRateLimiter } from '../src/exporter/transport/rate-limiter.ts';
import type { SegmentDocument } from '../src/translator/document.ts';
import { toDocuments, toPartialDocuments } from '../src/translator/index.ts';
import { SPAN_ID, span } from '../test/support/span.ts';

const options = {};
const hex = (number: number) => number.toString(16).padStart(16, '0');
const resource = { 'service.name': 'checkout', 'telemetry.sdk.language': 'nodejs' };
const attributes = {
  'http.request.method': 'GET',
  'url.full': 'http://stock.internal:8080/stock/17',
  'server.address': 'stock.internal',
  'server.port': 8080,
  'http.response.status_code': 200,
  'network.peer.address': '10.0.0.7',
  'app.step': 'reserve',
};

function spans(children: number) {
  const below = Array.from({ length: children }, (_, index) =>
    span({
      name: 'GET',
      kind: 'CLIENT',
      id: hex(index + 1),
      parent: SPAN_ID,
      attributes,
      resource,
    }),
  );
  return [...below, span({ attributes: { 'http.route': '/orders/:id' }, resource })];
}

function documents(children: number): readonly SegmentDocument[] {
  return spans(children).flatMap((each) => toDocuments(each, options));
}

const scratch = new ByteWriter(1 << 20);
const out = new ByteWriter(1 << 20);
const [child] = documents(1) as [SegmentDocument];
const nodes = new Map(
  [3, 63, 511].map((children) => {
    scratch.length = 0;
    return [children, documents(children).map((document) => writeDocument(scratch, document))];
  }),
);

const batchWriter = new BatchWriter({
  counters: newCounters(),
  translate: (each) => toPartialDocuments(each, options),
  truncate: truncateDocument,
  nesting: true,
  maxDocumentBytes: 65_477,
  maxBatchSize: 512,
});

function assemble(children: number): () => void {
  const batch = spans(children);
  return () => {
    batchWriter.addSpans(batch);
    while (!batchWriter.isEmpty) batchWriter.writeNext(out);
    out.length = 0;
  };
}

function nesting(children: number): () => void {
  const each = nodes.get(children) ?? [];
  return () => {
    for (const node of each) {
      node.children = NO_CHILDREN;
      node.total = node.bytes;
    }
    nest(each, 65_477);
  };
}

const rateLimiter = createRateLimiter(1e9);
let nowMs = 0;

const bench = new Bench({ time: 500, warmupTime: 200 })
  .add('one subsegment: JSON.stringify and encode', () => {
    out.length = 0;
    out.writeText(JSON.stringify(child));
  })
  .add('one subsegment: write bytes directly', () => {
    scratch.length = 0;
    writeDocument(scratch, child);
  })
  .add('nest 4 documents', nesting(3))
  .add('nest 64 documents', nesting(63))
  .add('nest 512 documents, which exceed the size limit', nesting(511))
  .add('4 spans: translate, write, nest, assemble', assemble(3))
  .add('64 spans: translate, write, nest, assemble', assemble(63))
  .add('rate limiter: one datagram', () => {
    nowMs += 1;
    rateLimiter.tryAcquire(600, nowMs);
  });
await bench.run();
console.table(bench.table());
