/**
 * Measures a request to Fastify, without a socket.
 *
 *   fastify.cjs otel-xray|instrumentation|untraced
 */
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { FastifyInstrumentation } = require('@opentelemetry/instrumentation-fastify');
  registerInstrumentations({ instrumentations: [new FastifyInstrumentation()] });
}
const { fastify } = require('fastify');
const { measure } = require('./measure.cjs');

async function main() {
  const app = fastify();
  app.get('/orders/:id', async (request) => ({ id: request.params.id }));
  await app.ready();
  measure((number) => app.inject(`/orders/${number}`), { traces: 20 });
}

main();
