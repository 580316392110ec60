/**
 * Measures a request to srvx that passes a middleware, without a socket.
 *
 *   srvx.cjs otel-xray|by hand|no-op subscribers|untraced
 */
const { inSpan } = require('./handler-span.cjs');
const { measure } = require('./measure.cjs');
const { subscribeNothing } = require('./no-op-subscribers.cjs');
const [subject] = process.argv.slice(2);

const check = (_request, next) => next();
const isPublishing = subject === 'otel-xray' || subject === 'no-op subscribers';
const attributes = { 'srvx.type': 'middleware' };

async function main() {
  if (subject === 'no-op subscribers') subscribeNothing('srvx.middleware');
  const { serve } = await import('srvx');
  const { tracingPlugin } = await import('srvx/tracing');
  const byHand = (request, next) => inSpan('check', attributes, () => check(request, next));
  const server = serve({
    manual: true,
    silent: true,
    fetch: () => new Response('ok'),
    middleware: [subject === 'by hand' ? byHand : check],
    plugins: isPublishing ? [tracingPlugin({ fetch: false })] : [],
  });
  measure((number) => server.fetch(new Request(`http://localhost/orders/${number}`)), {
    traces: 20,
  });
}

main();
