/**
 * Measures a command of ioredis.
 *
 *   ioredis.cjs otel-xray|instrumentation|untraced
 */
const { createServer } = require('node:net');
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { IORedisInstrumentation } = require('@opentelemetry/instrumentation-ioredis');
  registerInstrumentations({ instrumentations: [new IORedisInstrumentation()] });
}
const { Redis } = require('ioredis');
const { measure } = require('./measure.cjs');
const { answerCommands } = require('./redis-server.cjs');

async function main() {
  const server = createServer(answerCommands);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new Redis({
    host: '127.0.0.1',
    port: server.address().port,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
  });
  await client.connect();
  measure((number) => client.get(`key-${number}`));
}

main();
