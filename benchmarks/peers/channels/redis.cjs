/**
 * Measures the CPU time of a Redis command in a trace of 25. Prints one JSON line.
 *
 *   node --import otel-xray/register redis.cjs otel-xray|instrumentation|untraced
 */
const { createServer } = require('node:net');
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { RedisInstrumentation } = require('@opentelemetry/instrumentation-redis');
  registerInstrumentations({ instrumentations: [new RedisInstrumentation()] });
}
const { trace } = require('@opentelemetry/api');
const { createClient } = require('redis');

const TRACES = 400;
const COMMANDS = 25;
const ROUNDS = 20;

/** Answers each command with OK; a command starts with the number of its parts. */
const server = createServer((socket) => {
  socket.on('data', (data) => {
    const commands = data.toString().match(/(?:^|\n)\*\d+\r/g) ?? [];
    socket.write('+OK\r\n'.repeat(commands.length));
  });
});

async function main() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = { host: '127.0.0.1', port: server.address().port };
  const client = createClient({ socket, RESP: 2, disableClientInfo: true });
  await client.connect();
  const tracer = trace.getTracer('app');
  const perCommand = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < TRACES; index += 1) {
      await tracer.startActiveSpan('request', async (span) => {
        const commands = Array.from({ length: COMMANDS }, (_, key) => client.get(`key-${key}`));
        await Promise.all(commands);
        span.end();
      });
    }
    const { user, system } = process.cpuUsage(before);
    perCommand.push((user + system) / TRACES / COMMANDS);
  }
  const warm = perCommand.slice(ROUNDS / 2).sort((a, b) => a - b);
  process.stdout.write(`${JSON.stringify({ microseconds: warm[warm.length >> 1] })}\n`);
  process.exit();
}

main();
