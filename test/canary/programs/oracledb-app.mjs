import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import oracledb from 'oracledb';

const step = (name, run) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    await run().then(
      ({ rows, rowsAffected }) => console.log(name, rows ?? rowsAffected),
      ({ code }) => console.log(name, code),
    );
    span.end();
  });

// No Oracle Database can be installed for a test, and its protocol is not public. A refused connection is real;
// of queries, everything but the messages to the server is.
const refused = { user: 'shop', password: 'secret', connectString: '127.0.0.1:1/orders' };
await step('refused', () => oracledb.getConnection(refused));

const load = createRequire(import.meta.url);
const Protocol = load('oracledb/lib/thin/protocol/protocol.js');
const Implementation = load('oracledb/lib/impl/connection.js');

/** A message whose class has the name of the one that thin mode sends. */
class ExecuteMessage {
  callStatus = 0;
  postProcess() {}
  constructor(connection) {
    this.connection = connection;
  }
}

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
  async execute(sql) {
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
    await protocol._processMessage(new ExecuteMessage(this));
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
