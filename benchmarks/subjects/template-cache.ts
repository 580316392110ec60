/**
 * CPU time of a span from the exporter's queue to the bytes of its datagram, with the template cache
 * on or off. Prints one JSON line.
 *
 *   node benchmarks/subjects/template-cache.ts on|off KEY_SETS ERRORS
 */
import { BatchWriter } from '../../src/exporter/batch/batch-writer.ts';
import { truncateDocument } from '../../src/exporter/batch/truncate.ts';
import { newCounters } from '../../src/exporter/counters.ts';
import { ByteWriter } from '../../src/exporter/encode/byte-writer.ts';
import { TemplateCache } from '../../src/exporter/template-cache/template-cache.ts';
import { toPartialDocuments } from '../../src/translator/index.ts';
import { spansOf } from '../support/key-sets.ts';

const [mode = 'on', keySets = '1', errors = '0'] = process.argv.slice(2);
const SPANS = 8_192;
const ROUNDS = Number(process.env['ROUNDS'] ?? 16);
const TOGETHER = 4;

const options = {};
const writer = new BatchWriter({
  counters: newCounters(),
  translate: (span) => toPartialDocuments(span, options),
  cache: mode === 'on' ? new TemplateCache(options) : undefined,
  truncate: truncateDocument,
  nesting: true,
  maxDocumentBytes: 65_477,
  maxBatchSize: 512,
});
const out = new ByteWriter(1 << 20);
const spans = spansOf({ keySets: Number(keySets), errors: Number(errors) }, SPANS);
const perSpan: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = process.cpuUsage();
  for (let index = 0; index < SPANS; index += TOGETHER) {
    writer.addSpans(spans.slice(index, index + TOGETHER));
    while (!writer.isEmpty) writer.writeNext(out);
    out.length = 0;
  }
  const { user, system } = process.cpuUsage(before);
  perSpan.push((user + system) / SPANS);
}
// V8 still compiles in the first rounds.
const warm = perSpan.slice(ROUNDS / 2).sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ microseconds: warm[warm.length >> 1] })}\n`);
