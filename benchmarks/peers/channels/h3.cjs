/**
 * Measures a request to h3, without a socket.
 *
 *   h3.cjs otel-xray|by hand|untraced
 */
const { inSpan } = require('./handler-span.cjs');
const { measure } = require('./measure.cjs');
const [subject] = process.argv.slice(2);

const answer = (event) => ({ id: event.context.params.id });
const attributes = { 'h3.type': 'request_handler', 'http.route': '/orders/:id' };

async function main() {
  const { H3 } = await import('h3');
  const { tracingPlugin } = await import('h3/tracing');
  const app = new H3({ silent: true });
  if (subject === 'otel-xray') app.register(tracingPlugin());
  const isByHand = subject === 'by hand';
  app.get(
    '/orders/:id',
    isByHand ? (event) => inSpan('request handler', attributes, () => answer(event)) : answer,
  );
  measure((number) => app.request(`/orders/${number}`), { traces: 20 });
}

main();
