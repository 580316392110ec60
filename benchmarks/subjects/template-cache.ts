/**
 * Measures the CPU time per span from the exporter's queue to the bytes of its datagram, with the
 * template cache on or off. Prints one JSON line.
 *
 *   node benchmarks/subjects/template-cache.ts on|off MIX
 */
import { newBatchWriter, writeSpans } from '../support/batch-writing.ts';
import { MIXES, spansOf } from '../support/key-sets.ts';
import { scaled } from '../support/quick.ts';
import { median } from '../support/start.ts';

const [mode = 'on', name = ''] = process.argv.slice(2);
const mix = MIXES[name];
if (mix === undefined) throw new TypeError(`no mix ${JSON.stringify(name)}`);

const ROUNDS = scaled(32, 16);
const spans = spansOf(mix, 8_192);
const writer = newBatchWriter(mode === 'on');
const perSpan = Array.from({ length: ROUNDS }, () => writeSpans(writer, spans));
// The first rounds are a warm-up for V8 and the cache.
const microseconds = median(perSpan.slice(ROUNDS / 2));
process.stdout.write(`${JSON.stringify({ microseconds })}\n`);
