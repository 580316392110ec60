/**
 * Runs load for a long time and checks that memory does not grow.
 *
 *   npx node --expose-gc scripts/soak.ts [MINUTES] [REQUESTS_PER_SECOND] [away | api-away]
 *
 * `away`: nothing listens, so that documents are held up to the limit and then dropped; `api-away`:
 * the same with the transport `api`.
 * Prints one JSON line per minute. Exits with 1 if heap and buffers, after a full collection, grow by
 * more than one megabyte between the second minute (or a fifth of the time) and the end.
 */

import { setTimeout as after } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { XRayExporter } from '../src/exporter/index.ts';
import { XRaySpanProcessor } from '../src/exporter/processor.ts';
import type { XRayApi } from '../src/xray-api/api.ts';
import { openXRayApi } from '../src/xray-api/client.ts';
import { startFakeDaemon } from '../test/support/fake-daemon.ts';

const [minutesText = '10', perSecondText = '1000', mode] = process.argv.slice(2);
const minutes = Number(minutesText);
const perSecond = Number(perSecondText);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('global.gc is missing; run with --expose-gc');

const daemon = await startFakeDaemon();
if (mode === 'away') await daemon.close();
let received = 0;
const exporter = new XRayExporter({
  daemon: daemon.endpoint,
  ...(mode === 'api-away' ? { api: { mode: 'api', open: openAwayApi } } : {}),
});
const processor = new XRaySpanProcessor({ exporter });
const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('soak');

function openAwayApi(): XRayApi {
  return openXRayApi({
    clientConfig: {
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    },
  });
}

/** Makes a request: every tenth child ends after its parent, every hundredth request never ends. */
function request(number: number): void {
  const root = tracer.startSpan('request', { attributes: { number } });
  const below = trace.setSpan(context.active(), root);
  for (let index = 0; index < 3; index += 1) {
    const child = tracer.startSpan('call', { attributes: { 'http.route': '/orders/:id' } }, below);
    if ((number + index) % 10 === 0) setTimeout(() => child.end(), 20);
    else child.end();
  }
  if (number % 100 !== 0) root.end();
}

// The processor keeps the 512 newest of the requests that never end; a short soak would see it fill up.
for (let count = 0; count < 512; count += 1) request(0);

const startMs = performance.now();
const endMs = minutes * 60_000;
const reportMs = Math.min(60_000, endMs / 10);
const heaps: number[] = [];
let made = 0;
for (let elapsed = 0; elapsed < endMs; elapsed = performance.now() - startMs) {
  for (const due = (elapsed / 1e3) * perSecond; made < due; made += 1) request(made);
  received += daemon.datagrams.length;
  (daemon.datagrams as Buffer[]).length = 0;
  if (elapsed > (heaps.length + 1) * reportMs) {
    collect();
    const { heapUsed, rss, external } = process.memoryUsage();
    heaps.push(heapUsed + external);
    const { queued, sent, dropped, receiverDrops, sendErrors } = processor.counters();
    process.stdout.write(
      `${JSON.stringify({ minute: elapsed / 60_000, heapUsed, external, rss, made, sent, received, queued, dropped, receiverDrops, sendErrors })}\n`,
    );
  }
  await after(5);
}
await processor.shutdown();
await daemon.close();
const growth = (heaps.at(-1) ?? 0) - (heaps[Math.min(1, heaps.length - 1)] ?? 0);
process.stdout.write(
  `${JSON.stringify({ growthBytes: growth, counters: processor.counters() })}\n`,
);
process.exitCode = growth > 1_000_000 ? 1 : 0;
