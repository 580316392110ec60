import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import oracledb from 'oracledb';

const step = (name, run) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    await run().then(
      (result) => console.log(name, result?.rowsAffected),
      ({ code }) => console.log(name, code),
    );
    span.end();
  });

// No Oracle Database can be installed for a test, and its protocol is not public. A refused connection is real;
// of queries, everything but the messages to the server is.
const refused = { user: 'shop', password: 'secret', connectString: '127.0.0.1:1/orders' };
await step('refused', () => oracledb.getConnection(refused));

// A pool connects when it is asked for a connection.
await step('opens a pool', async () => {
  await oracledb.createPool({ ...refused, poolMin: 0 });
});
await step('asks the pool', () => oracledb.getConnection());
await step('closes the pool', () => oracledb.getPool().close(0));

const load = createRequire(import.meta.url);
const Protocol = load('oracledb/lib/thin/protocol/protocol.js');
const Implementation = load('oracledb/lib/impl/connection.js');

class FakeMessage {
  callStatus = 0;
  postProcess() {}
  constructor(connection) {
    this.connection = connection;
  }
}

/** Messages whose classes have the names of those that thin mode sends. */
class ExecuteMessage extends FakeMessage {}
class LogOffMessage extends FakeMessage {}

const facts = {
  getServiceName: 'orders.example.com',
  getInstanceName: 'orcl1',
  getPdbName: 'PDB1',
  getDbName: 'ORCL',
  getDbDomain: 'example.com',
  getHostName: 'db.example.com',
  getPort: 1521,
  getProtocol: 'tcp',
  getDbUniqueName: 'ORCL1',
};

class FakeImplementation extends Implementation {
  _connectString = 'db.example.com/orders';
  _user = 'shop';
  _acquireLock() {}
  _releaseLock() {}
  execute(sql) {
    return this.send(new ExecuteMessage(this), sql);
  }
  async close() {
    await this.send(new LogOffMessage(this), '');
  }
  async send(message, sql) {
    const protocol = Object.assign(Object.create(Protocol.prototype), {
      callTimeout: 0,
      async _encodeMessage() {
        if (sql.includes('missing'))
          throw Object.assign(new Error('ORA-00942: table or view does not exist'), {
            code: 'ORA-00942',
          });
      },
      async _decodeMessage() {},
      async _recoverFromError() {},
      async _processCallStatus() {},
    });
    await protocol._processMessage(message);
    return { rowsAffected: 1 };
  }
}
for (const [name, value] of Object.entries(facts)) FakeImplementation.prototype[name] = () => value;

const connection = new oracledb.Connection();
connection._impl = new FakeImplementation();
await step('updates', () =>
  connection.execute("UPDATE orders SET card = 'secret' WHERE id = :1", ['secret']),
);
await step('fails', () => connection.execute('SELECT * FROM missing'));
await step('closes', () => connection.close());
await step('closes again', () => connection.close());
