/**
 * Sends requests of four spans through the X-Ray daemon and counts how many arrive.
 *
 *   npx node scripts/daemon-load.ts [REQUESTS] [PER_SECOND] [BYTES_PER_MS]
 *
 * With PER_SECOND 0, all requests are made at once. Prints one JSON line: sent, received, uploaded and
 * lost spans, the duration, and how long the exporter blocked the event loop.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { XRayExporter } from '../src/exporter/index.ts';
import { startRealDaemon } from '../test/support/real-daemon.ts';
import { type SpanParts, span } from '../test/support/span.ts';

const [requests = 100_000, perSecond = 5_000, bytesPerMs = 32_768] = process.argv
  .slice(2)
  .map(Number);
/** One object for all spans, as in a provider. */
const resource = {
  attributes: { 'service.name': 'checkout', 'telemetry.sdk.language': 'nodejs' },
};
const spanOfApp = (parts: SpanParts) => ({ ...span(parts), resource });
const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/** Returns a request with three calls: a document of about 2 KB. */
function request(number: number) {
  const traceId = `${hex(Math.floor(Date.now() / 1e3), 8)}${hex(number, 24)}`;
  const id = hex(number, 16);
  const call = (index: number) =>
    spanOfApp({
      name: 'GET',
      kind: 'CLIENT',
      traceId,
      id: `a${index}${hex(number, 14)}`,
      parent: id,
      attributes: {
        'http.request.method': 'GET',
        'url.full': `http://stock.internal:8080/stock/${number}`,
        'server.address': 'stock.internal',
        'server.port': 8080,
        'http.response.status_code': 200,
        'network.peer.address': '10.0.0.7',
        'network.peer.port': 8080,
        'network.protocol.version': '1.1',
        'user_agent.original': 'node',
        'http.request.body.size': 512,
        'http.response.body.size': 2048,
        'url.scheme': 'http',
        'app.step': `step ${index} of request ${number}`,
      },
    });
  const attributes = {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'server.address': 'shop.example.com',
    'server.port': 80,
    'client.address': `203.0.113.${number % 250}`,
    'network.peer.address': '10.0.0.9',
    'network.protocol.version': '1.1',
    'url.path': `/orders/${number}`,
    'http.route': '/orders/:id',
    'http.response.status_code': 200,
    'user_agent.original':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0',
  };
  return [call(1), call(2), call(3), spanOfApp({ traceId, id, attributes })];
}

await using daemon = await startRealDaemon({ logLevel: 'debug' });
const exporter = new XRayExporter({
  daemon: daemon.endpoint,
  bytesPerMs,
  maxQueueSize: Number.POSITIVE_INFINITY,
});
const delay = monitorEventLoopDelay({ resolution: 1 });
const startMs = performance.now();
let made = 0;
while (made < requests) {
  const due = perSecond === 0 ? requests : ((performance.now() - startMs) / 1e3) * perSecond;
  for (; made < Math.min(due, requests); made += 1) exporter.enqueue(request(made + 1));
  if (made < requests) await after(2);
}
const madeMs = performance.now();
if (perSecond === 0) delay.enable();
await exporter.forceFlush();
delay.disable();
const flushedMs = performance.now();
await exporter.shutdown();

const counters = exporter.counters();
const uploaded = () => daemon.uploads().length;
for (
  let before = -1, now = uploaded();
  now !== before && now < counters.datagrams;
  now = uploaded()
) {
  before = now;
  await after(2_500);
}
const documents = daemon.flat().length;
const segments = uploaded();
const { received } = await daemon.stop();
process.stdout.write(
  `${JSON.stringify({
    requests,
    perSecond,
    datagrams: counters.datagrams,
    received,
    uploaded: segments,
    lost: counters.datagrams - segments,
    spans: requests * 4,
    documents,
    bytesPerRequest: Math.round(counters.bytes / counters.datagrams),
    makingMs: Math.round(madeMs - startMs),
    flushMs: Math.round(flushedMs - madeMs),
    loopDelayMs: {
      p50: delay.percentile(50) / 1e6,
      p99: delay.percentile(99) / 1e6,
      max: delay.max / 1e6,
    },
    counters,
  })}\n`,
);
