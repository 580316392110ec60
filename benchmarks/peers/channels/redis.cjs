/**
 * Measures a command of node-redis.
 *
 *   redis.cjs otel-xray|instrumentation|untraced
 */
const { createServer } = require('node:net');
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { RedisInstrumentation } = require('@opentelemetry/instrumentation-redis');
  registerInstrumentations({ instrumentations: [new RedisInstrumentation()] });
}
const { createClient } = require('redis');
const { measure } = require('./measure.cjs');
const { answerCommands } = require('./redis-server.cjs');

async function main() {
  const server = createServer(answerCommands);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = { host: '127.0.0.1', port: server.address().port };
  const client = createClient({ socket, RESP: 2, disableClientInfo: true });
  await client.connect();
  measure((number) => client.get(`key-${number}`));
}

main();
