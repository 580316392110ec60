/**
 * Measures a query of mysql2.
 *
 *   mysql2.cjs otel-xray|instrumentation|untraced
 */
const { AsyncResource } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const [subject] = process.argv.slice(2);

if (subject === 'instrumentation') {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { MySQL2Instrumentation } = require('@opentelemetry/instrumentation-mysql2');
  registerInstrumentations({ instrumentations: [new MySQL2Instrumentation()] });
}
const mysql = require('mysql2');
const { measure } = require('./measure.cjs');

/** PROTOCOL_41, CONNECT_WITH_DB, TRANSACTIONS, SECURE_CONNECTION and PLUGIN_AUTH. */
const CAPABILITIES = [0x08, 0xa2, 0x08, 0x00];
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
 * A server in place of a socket, whose system calls take four times as long as a query. It answers each
 * packet with OK; the client waits for the answer before it sends the next. Like those of a socket, its
 * events run in the context in which the connection was made.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
class Server extends EventEmitter {
  answer = AsyncResource.bind((data) => this.emit('data', data));
  /** Ready answers, by the number of their packet. */
  answers = [0, 1, 2, 3].map((number) => packet(number, OK));

  constructor() {
    super();
    setImmediate(this.answer, packet(0, HANDSHAKE));
  }
  write(data) {
    setImmediate(this.answer, this.answers[data[3] + 1]);
    return true;
  }
  setNoDelay() {}
}

const client = mysql.createConnection({
  stream: new Server(),
  host: 'db',
  user: 'app',
  database: 'shop',
});
const query = (text) =>
  new Promise((resolve, reject) =>
    client.query(text, (error) => (error ? reject(error) : resolve())),
  );
measure((number) => query(`DELETE FROM orders WHERE id = ${number}`));
