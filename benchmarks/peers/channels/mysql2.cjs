/**
 * Measures a query of mysql2.
 *
 *   node --import otel-xray/register mysql2.cjs otel-xray|instrumentation|untraced
 */
const { createServer } = require('node:net');
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { MySQL2Instrumentation } = require('@opentelemetry/instrumentation-mysql2');
  registerInstrumentations({ instrumentations: [new MySQL2Instrumentation()] });
}
const mysql = require('mysql2');
const { measure } = require('./measure.cjs');

/** PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION and PLUGIN_AUTH. */
const CAPABILITIES = [0x00, 0xa2, 0x08, 0x00];
const HANDSHAKE = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('8.0.0\0'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from('saltsalt\0'),
  Buffer.from([...CAPABILITIES.slice(0, 2), 33, 2, 0, ...CAPABILITIES.slice(2), 21]),
  Buffer.alloc(10),
  Buffer.from('saltsaltsalt\0mysql_native_password\0'),
]);
const OK = Buffer.from([0, 1, 0, 2, 0, 0, 0]);

function packet(number, body) {
  return Buffer.concat([Buffer.from([body.length, 0, 0, number]), body]);
}

/**
 * Answers each packet with OK; the client waits for the answer before it sends the next.
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
const server = createServer((socket) => {
  socket.on('data', (data) => socket.write(packet(data[3] + 1, OK)));
  socket.write(packet(0, HANDSHAKE));
});

async function main() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const client = mysql.createConnection({ host: '127.0.0.1', port, user: 'app' });
  const query = (text) =>
    new Promise((resolve, reject) =>
      client.query(text, (error) => (error ? reject(error) : resolve())),
    );
  await measure((number) => query(`DELETE FROM orders WHERE id = ${number}`));
}

main();
