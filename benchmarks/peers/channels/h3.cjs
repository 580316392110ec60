/**
 * Measures a request to h3, without a socket.
 *
 *   h3.cjs otel-xray|by hand|no-op subscribers|untraced
 */
const { context } = require('@opentelemetry/api');
const { getRPCMetadata } = require('@opentelemetry/core');
const { inSpan } = require('./handler-span.cjs');
const { measure } = require('./measure.cjs');
const { subscribeNothing } = require('./no-op-subscribers.cjs');
const [subject] = process.argv.slice(2);

/** A middleware that gives the segment its route and makes the same span, as an app has it without a channel. */
const byHand = (event, next) => {
  const route = event.context.matchedRoute?.route;
  const metadata = getRPCMetadata(context.active());
  if (metadata !== undefined) metadata.route = route;
  const attributes = { 'h3.type': 'request_handler', 'http.route': route };
  return inSpan('request handler', attributes, next);
};

async function main() {
  if (subject === 'no-op subscribers') subscribeNothing('h3.request');
  const { H3 } = await import('h3');
  const { tracingPlugin } = await import('h3/tracing');
  const app = new H3({ silent: true });
  if (subject === 'otel-xray' || subject === 'no-op subscribers') app.register(tracingPlugin());
  if (subject === 'by hand') app.use(byHand);
  app.get('/orders/:id', (event) => ({ id: event.context.params.id }));
  measure((number) => app.request(`/orders/${number}`), { traces: 20 });
}

main();
