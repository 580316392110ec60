import { expect, test } from 'vitest';
import { eventFacts } from '../../src/lambda/event.ts';

const HTTP_API = {
  version: '2.0',
  routeKey: 'GET /orders/{id}',
  rawPath: '/orders/7',
  rawQueryString: 'a=1&a=2',
  headers: {
    host: 'abc.execute-api.eu-west-1.amazonaws.com',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'user-agent': 'curl/8',
  },
  requestContext: {
    domainName: 'abc.execute-api.eu-west-1.amazonaws.com',
    http: { method: 'GET', path: '/orders/7', sourceIp: '203.0.113.9', userAgent: 'curl/8' },
  },
};

test.for([
  {
    rule: 'HTTP API and function URL (format 2.0)',
    event: HTTP_API,
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': 'GET',
      'url.full': 'https://abc.execute-api.eu-west-1.amazonaws.com/orders/7?a=1&a=2',
      'http.route': '/orders/{id}',
      'user_agent.original': 'curl/8',
      'client.address': '203.0.113.9',
    },
  },
  {
    rule: 'omits a default route',
    event: { ...HTTP_API, routeKey: '$default', rawQueryString: '' },
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': 'GET',
      'url.full': 'https://abc.execute-api.eu-west-1.amazonaws.com/orders/7',
      'user_agent.original': 'curl/8',
      'client.address': '203.0.113.9',
    },
  },
  {
    rule: 'REST API (format 1.0)',
    event: {
      resource: '/orders/{proxy+}',
      path: '/orders/a b',
      httpMethod: 'POST',
      headers: { Host: 'shop.example.com', 'User-Agent': 'app/1' },
      multiValueHeaders: { Host: ['shop.example.com'], 'User-Agent': ['app/1'] },
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2 3'] },
      requestContext: { identity: { sourceIp: '203.0.113.9', userAgent: 'app/1' } },
    },
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': 'POST',
      'url.full': 'https://shop.example.com/orders/a b?a=1&a=2+3',
      'http.route': '/orders/{proxy+}',
      'user_agent.original': 'app/1',
      'client.address': '203.0.113.9',
    },
  },
  {
    rule: 'load balancer on a custom port',
    event: {
      requestContext: { elb: { targetGroupArn: 'arn' } },
      httpMethod: 'GET',
      path: '/',
      queryStringParameters: {},
      headers: {
        host: 'lb.example.com',
        'x-forwarded-for': '203.0.113.9, 10.0.0.1',
        'x-forwarded-port': '8080',
        'x-forwarded-proto': 'http',
      },
    },
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': 'GET',
      'url.full': 'http://lb.example.com:8080/',
      'client.address': '203.0.113.9',
    },
  },
  {
    rule: 'load balancer with multi-value headers only',
    event: {
      httpMethod: 'GET',
      path: '/x',
      multiValueHeaders: { host: ['lb.example.com'], 'x-forwarded-proto': ['http'] },
      requestContext: { elb: {} },
    },
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': 'GET',
      'url.full': 'http://lb.example.com/x',
    },
  },
  {
    rule: 'a request without a host has only a path',
    event: { httpMethod: 'GET', path: '/x' },
    attributes: { 'faas.trigger': 'http', 'http.request.method': 'GET', 'url.path': '/x' },
  },
  {
    rule: 'SQS',
    event: { Records: [{ eventSource: 'aws:sqs' }] },
    attributes: { 'faas.trigger': 'pubsub' },
  },
  {
    rule: 'SNS, with its capital spelling',
    event: { Records: [{ EventSource: 'aws:sns' }] },
    attributes: { 'faas.trigger': 'pubsub' },
  },
  {
    rule: 'S3',
    event: { Records: [{ eventSource: 'aws:s3' }] },
    attributes: { 'faas.trigger': 'datasource' },
  },
  {
    rule: 'a schedule',
    event: { 'detail-type': 'Scheduled Event', source: 'aws.events' },
    attributes: { 'faas.trigger': 'timer' },
  },
  { rule: 'a custom event', event: { name: 'x' }, attributes: {} },
  { rule: 'no event', event: undefined, attributes: {} },
  { rule: 'a string', event: 'hello', attributes: {} },
  {
    rule: 'a source named like a property of Object.prototype',
    event: { Records: [{ eventSource: 'constructor' }] },
    attributes: {},
  },
  {
    rule: 'fields of wrong types',
    event: { Records: [null], headers: [1], httpMethod: 7, requestContext: 'x' },
    attributes: {},
  },
])('event: $rule', ({ event, attributes }) => {
  const before = structuredClone(event);
  expect(eventFacts(event).attributes).toEqual(attributes);
  expect(event).toEqual(before);
});

test('reads header names in any case and does not change the event', () => {
  const event = {
    headers: { 'X-Amzn-Trace-Id': 'Root=1', Baggage: 'a=b', odd: 7 },
    multiValueHeaders: { accept: ['a', 'b'] },
  };
  const before = structuredClone(event);
  expect(eventFacts(event).headers).toEqual({
    accept: 'a',
    'x-amzn-trace-id': 'Root=1',
    baggage: 'a=b',
  });
  expect(event).toEqual(before);
});
