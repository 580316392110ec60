// A server that speaks as much of MongoDB's wire protocol as its driver needs, for tests: Debian has none.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
import { once } from 'node:events';
import { createServer } from 'node:net';
import { deserialize, Long, serialize } from 'bson';

const [OP_REPLY, OP_QUERY, OP_MSG] = [1, 2004, 2013];
const HEADER_BYTES = 16;

const failure = (code, codeName, errmsg) => ({ ok: 0, code, codeName, errmsg });
const HELLO = {
  ok: 1,
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  logicalSessionTimeoutMinutes: 30,
};

/** Each is called with a command of this name. */
function commands() {
  const ids = new Set();
  return {
    hello: () => HELLO,
    isMaster: () => HELLO,
    ismaster: () => HELLO,
    ping: () => ({ ok: 1 }),
    endSessions: () => ({ ok: 1 }),
    killCursors: () => ({ ok: 1 }),
    insert: ({ documents }) => {
      const taken = documents.findIndex(({ _id }) => ids.has(String(_id)));
      if (taken < 0) {
        for (const { _id } of documents) ids.add(String(_id));
        return { ok: 1, n: documents.length };
      }
      const errmsg = 'E11000 duplicate key error collection: shop.orders index: _id_';
      return { ok: 1, n: 0, writeErrors: [{ index: taken, code: 11_000, errmsg }] };
    },
    // Two batches.
    find: ({ find, $db }) => ({
      ok: 1,
      cursor: { id: Long.fromNumber(7), ns: `${$db}.${find}`, firstBatch: [{ _id: 1 }] },
    }),
    getMore: ({ collection, $db }) => ({
      ok: 1,
      cursor: { id: Long.ZERO, ns: `${$db}.${collection}`, nextBatch: [{ _id: 2 }] },
    }),
    update: () => ({ ok: 1, n: 1, nModified: 1 }),
    delete: () => ({ ok: 1, n: 1 }),
    aggregate: ({ pipeline: [stage] }) =>
      failure(
        40_324,
        'Location40324',
        `Unrecognized pipeline stage name: '${Object.keys(stage)[0]}'`,
      ),
  };
}

/** The body of a message, with its document sequences as arrays. */
function bodyOf(message) {
  let body = {};
  for (let at = HEADER_BYTES + 4; at < message.length; ) {
    const kind = message[at];
    at += 1;
    const size = message.readInt32LE(at);
    const section = message.subarray(at, at + size);
    if (kind === 0) body = { ...deserialize(section), ...body };
    else body = { ...body, ...sequence(section) };
    at += size;
  }
  return body;
}

function sequence(section) {
  const end = section.indexOf(0, 4);
  const documents = [];
  for (let at = end + 1; at < section.length; ) {
    const size = section.readInt32LE(at);
    documents.push(deserialize(section.subarray(at, at + size)));
    at += size;
  }
  return { [section.toString('utf8', 4, end)]: documents };
}

/** The query of the first handshake. */
function legacyQuery(message) {
  const start = message.indexOf(0, HEADER_BYTES + 4) + 9;
  return deserialize(message.subarray(start, start + message.readInt32LE(start)));
}

function reply(request, opcode, prefix, document) {
  const body = Buffer.concat([prefix, serialize(document)]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + body.length, 0);
  header.writeInt32LE(request.readInt32LE(4), 8);
  header.writeInt32LE(opcode, 12);
  return Buffer.concat([header, body]);
}

function answerTo(message, handlers) {
  const isLegacy = message.readInt32LE(12) === OP_QUERY;
  const command = isLegacy ? legacyQuery(message) : bodyOf(message);
  const name = Object.keys(command).find((key) => key in handlers);
  const document = handlers[name]?.(command) ?? failure(59, 'CommandNotFound', 'no such command');
  if (!isLegacy) return reply(message, OP_MSG, Buffer.from([0, 0, 0, 0, 0]), document);
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return reply(message, OP_REPLY, prefix, document);
}

export async function startMongoServer() {
  const handlers = commands();
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const size = received.readInt32LE(0);
        const message = received.subarray(0, size);
        received = received.subarray(size);
        if (message.readInt32LE(12) === OP_MSG || message.readInt32LE(12) === OP_QUERY)
          socket.write(answerTo(message, handlers));
        else socket.destroy();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
