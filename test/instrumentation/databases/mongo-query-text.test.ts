import { expect, test } from 'vitest';
import { mongoQueryText } from '../../../src/instrumentation/databases/mongo-query-text.ts';

class ObjectId {
  readonly _bsontype = 'ObjectId';
  readonly buffer: Buffer = Buffer.from('secret');
}

/** As the driver passes the documents of `insertMany` to a command. */
class DocumentSequence {
  readonly field = 'documents';
  readonly documents: readonly unknown[];
  readonly chunks: readonly Buffer[];
  constructor(documents: readonly unknown[]) {
    this.documents = documents;
    this.chunks = documents.map((document) => Buffer.from(JSON.stringify(document)));
  }
}

class Order {
  readonly card = 'secret';
}

const cycle: Record<string, unknown> = { card: 'secret' };
cycle['self'] = cycle;

test.for<[what: string, command: unknown, text: string]>([
  [
    'values of a query',
    { find: 'orders', filter: { card: 'secret', n: { $gt: 5 } }, limit: 1 },
    '{"find":"?","filter":{"card":"?","n":{"$gt":"?"}},"limit":"?"}',
  ],
  [
    'a pipeline',
    { pipeline: [{ $match: { card: 'secret' } }, { $limit: 3 }] },
    '{"pipeline":[{"$match":{"card":"?"}},{"$limit":"?"}]}',
  ],
  [
    'a sequence of documents, without the internals of the driver',
    { insert: 'orders', documents: new DocumentSequence([{ card: 'secret' }, { _id: 1 }]) },
    '{"insert":"?","documents":[{"card":"?"},{"_id":"?"}]}',
  ],
  [
    'values of BSON and of JavaScript that are objects',
    {
      id: new ObjectId(),
      at: new Date(0),
      like: /secret/,
      bytes: Buffer.from('secret'),
      raw: new ArrayBuffer(6),
    },
    '{"id":"?","at":"?","like":"?","bytes":"?","raw":"?"}',
  ],
  ['a map', { sort: new Map([['a', -1]]) }, '{"sort":{"a":"?"}}'],
  ['an object of a class', new Order(), '{"card":"?"}'],
  ['null and undefined', { a: null, b: undefined }, '{"a":"?","b":"?"}'],
  ['a function', { $where: () => 'secret' }, '{"$where":"?"}'],
  ['many elements', { ids: Array(30).fill('secret') }, `{"ids":[${'"?",'.repeat(20)}"… 10 more"]}`],
  ['no object', 'secret', '"?"'],
])('the text of a command shows no values: %s', ([, command, text]) => {
  expect(mongoQueryText(command)).toBe(text);
});

test('the text of a command has a limited length', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 'secret']),
  );
  const command = { insert: 'orders', documents: [fields, fields], cycle };
  const text = mongoQueryText(command);
  expect(text.length).toBeLessThan(20_000);
  expect(text).not.toContain('secret');
  expect(JSON.parse(text)).toMatchObject({ insert: '?', documents: [{ field0: '?' }, '…'] });
});

test('an object that contains itself', () => {
  expect(mongoQueryText(cycle)).toMatch(/^(?:\{"card":"\?","self":){10,30}"…"\}+$/);
});
