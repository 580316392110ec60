import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { awsFacts, publicInput } from '../../../src/instrumentation/aws/aws-facts.ts';

const ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table/carts';

test.for([
  { rule: 'a table', input: { TableName: 'carts' }, tables: ['carts'] },
  { rule: 'a table by its ARN', input: { TableName: ARN }, tables: ['carts'] },
  {
    rule: 'a table by the ARN of an index',
    input: { TableName: `${ARN}/index/i` },
    tables: ['carts'],
  },
  {
    rule: 'a batch',
    input: { RequestItems: { carts: [], users: {} } },
    tables: ['carts', 'users'],
  },
  {
    rule: 'a transaction that writes',
    input: {
      TransactItems: [
        { Put: { TableName: 'carts' } },
        { Update: { TableName: 'users' } },
        { Delete: { TableName: 'carts' } },
        { ConditionCheck: { TableName: 'stock' } },
      ],
    },
    tables: ['carts', 'users', 'stock'],
  },
  {
    rule: 'a transaction that reads',
    input: { TransactItems: [{ Get: { TableName: 'carts' } }] },
    tables: ['carts'],
  },
  {
    rule: 'SELECT',
    input: { Statement: 'SELECT * FROM "my.carts"."i" WHERE id = ?' },
    tables: ['my.carts'],
  },
  { rule: 'INSERT', input: { Statement: "INSERT INTO carts VALUE {'id': 1}" }, tables: ['carts'] },
  { rule: 'UPDATE', input: { Statement: 'update carts set n=1' }, tables: ['carts'] },
  { rule: 'DELETE', input: { Statement: 'DELETE FROM carts WHERE id=1' }, tables: ['carts'] },
  {
    rule: 'a batch of statements',
    input: {
      Statements: [{ Statement: 'SELECT a FROM carts' }, { Statement: 'SELECT a FROM users' }],
    },
    tables: ['carts', 'users'],
  },
  {
    rule: 'a transaction of statements',
    input: { TransactStatements: [{ Statement: 'SELECT a FROM carts' }] },
    tables: ['carts'],
  },
  { rule: 'no table', input: { Limit: 1 }, tables: undefined },
])('DynamoDB: $rule', ({ input, tables }) => {
  const facts = awsFacts('DynamoDB', input);
  expect(facts['aws.dynamodb.table_names']).toEqual(tables);
  expect(facts['db.namespace']).toBe(tables?.length === 1 ? tables[0] : undefined);
});

test.for([
  { service: 'S3', input: { Bucket: 'b', Key: 'a/b' }, facts: { 'aws.s3.key': 'a/b' } },
  {
    service: 'Kinesis',
    input: { StreamARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks' },
    facts: { 'aws.kinesis.stream_name': 'clicks' },
  },
  { service: 'Kinesis', input: { StreamName: 'clicks' }, facts: {} },
  {
    service: 'Lambda',
    input: { FunctionName: 'f' },
    facts: { 'faas.invoked_name': 'f', 'faas.invoked_provider': 'aws' },
  },
  { service: 'Lambda', input: {}, facts: {} },
  { service: 'constructor', input: {}, facts: {} },
])('$service: $facts', ({ service, input, facts }) => {
  expect(awsFacts(service, input)).toEqual(facts);
});

test('telephone numbers and absent values are hidden', () => {
  const input = { PhoneNumber: '+15550100', Message: 'm', TopicArn: undefined, Subject: null };
  expect(publicInput(input)).toEqual({ PhoneNumber: 'phone_number', Message: 'm' });
});

test('any input has facts without an error', () => {
  const services = fc.constantFrom('DynamoDB', 'Kinesis', 'Lambda', 'S3', 'SNS');
  const keys = fc.constantFrom(
    'TransactItems',
    'Statements',
    'RequestItems',
    'TableName',
    'Statement',
  );
  const inputs = fc.oneof(fc.anything(), fc.dictionary(keys, fc.anything()));
  fc.assert(
    fc.property(services, inputs, (service, input) => {
      expect(awsFacts(service, input)).toBeTypeOf('object');
      expect(publicInput(input)).toBeTypeOf('object');
    }),
  );
});
