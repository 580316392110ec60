import { expect, test } from 'vitest';
import { commandOf } from '../../src/local/trace/command.ts';
import { resourceName } from '../../src/local/trace/resource-name.ts';

test.for([
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/orders', 'orders'],
  ['http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/orders.fifo', 'orders.fifo'],
  ['http://localhost:9324/queue/orders', 'orders'],
  ['arn:aws:sqs:eu-west-1:123456789012:orders', 'orders'],
  ['arn:aws:sns:eu-west-1:123456789012:order-events', 'order-events'],
  ['arn:aws:lambda:eu-west-1:123456789012:function:charge', 'charge'],
  ['arn:aws:lambda:eu-west-1:123456789012:function:charge:live', 'charge'],
  ['arn:aws-cn:dynamodb:cn-north-1:123456789012:table/Orders/index/by-user', 'Orders'],
  ['arn:aws:s3:::invoices/2026/1.pdf', 'invoices'],
  ['arn:aws:s3:::invoices', 'invoices'],
  ['arn:aws:states:eu-west-1:123456789012:stateMachine:checkout', 'checkout'],
  ['arn:aws:kinesis:eu-west-1:123456789012:stream/clicks', 'clicks'],
  ['https://api.example.com/v1/orders', 'https://api.example.com/v1/orders'],
  ['Orders', 'Orders'],
  ['', ''],
] as const)('the display name of %s is %s', ([text, name]) => {
  expect(resourceName(text)).toBe(name);
});

test.for([
  [{ default: { 'db.system.name': 'redis', 'db.query.text': 'SET n ?' } }, 'SET n ?'],
  [{ default: { 'db.statement': 'get a' } }, 'get a'],
  [{ mongo: { 'db.operation.name': 'find', 'db.collection.name': 'users' } }, 'find users'],
  [{ default: { 'db.operation': 'find', 'db.mongodb.collection': 'users' } }, 'find users'],
  [{ default: { 'messaging.operation': 'process', 'messaging.destination': '' } }, 'process'],
  [
    { default: { 'messaging.operation.name': 'send', 'messaging.destination.name': 'orders' } },
    'send orders',
  ],
  [{ default: { 'rpc.service': 'Shop', 'rpc.method': 'Buy' } }, 'Shop/Buy'],
  [{ default: { 'db.collection.name': 'users' } }, undefined],
  [{ default: 'text', list: [1] }, undefined],
  [undefined, undefined],
] as const)('a call with metadata %j shows the command %s', ([metadata, command]) => {
  expect(commandOf({ metadata })).toBe(command);
});

test('a command is also read from annotations', () => {
  expect(commandOf({ annotations: { 'db.query.text': 'PING' } })).toBe('PING');
});
