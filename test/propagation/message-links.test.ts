import { propagation } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carrierLink, messageLinks } from '../../src/propagation/message-links.ts';
import { propagatorFromNames } from '../../src/propagation/names.ts';
import { xrayPropagator } from '../../src/propagation/xray.ts';

const TRACE = '581cf771a006649127e371903a2de979';
const SPAN = '70de5b6f19ff9a0a';
const HEADER = `Root=1-581cf771-a006649127e371903a2de979;Parent=${SPAN};Sampled=1`;
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

beforeAll(() => {
  const factories = { tracecontext: () => new W3CTraceContextPropagator(), xray: xrayPropagator };
  propagation.setGlobalPropagator(propagatorFromNames(['tracecontext', 'xray'], factories));
});
afterAll(() => propagation.disable());

const found = (messages: readonly unknown[]): unknown =>
  messageLinks(messages).map(({ context, attributes }) => [
    context.traceId,
    context.spanId,
    attributes,
  ]);
const notification = (attributes: object, Type = 'Notification'): string =>
  JSON.stringify({ Type, Message: 'm', MessageAttributes: attributes });

test.for([
  {
    rule: 'the system attribute of the SQS client',
    message: { Attributes: { AWSTraceHeader: HEADER } },
  },
  {
    rule: 'the system attribute of a Lambda event',
    message: { attributes: { AWSTraceHeader: HEADER } },
  },
  {
    rule: 'a message attribute of the SQS client',
    message: { MessageAttributes: { traceparent: { StringValue: TRACEPARENT } } },
  },
  {
    rule: 'a message attribute of a Lambda event',
    message: { messageAttributes: { Traceparent: { stringValue: TRACEPARENT } } },
  },
  {
    rule: 'a message attribute of SNS',
    message: { MessageAttributes: { 'x-amzn-trace-id': { Type: 'String', Value: HEADER } } },
  },
  {
    rule: 'an SNS notification in the body',
    message: { body: notification({ traceparent: { Type: 'String', Value: TRACEPARENT } }) },
  },
  {
    rule: 'an SNS notification beside a header without a parent',
    message: {
      Attributes: { AWSTraceHeader: HEADER.replace(/;.*/, '') },
      Body: notification({ traceparent: { Type: 'String', Value: TRACEPARENT } }),
    },
  },
])('a link from $rule', ({ message }) => {
  expect(found([message])).toEqual([[TRACE, SPAN, {}]]);
});

test.for([
  { rule: 'a message without a trace', message: { Body: 'hello' } },
  { rule: 'an invalid header', message: { attributes: { AWSTraceHeader: 'Root=x' } } },
  {
    rule: 'a body that is not a notification',
    message: { Body: notification({ traceparent: { Value: TRACEPARENT } }, 'Order') },
  },
  { rule: 'a body that is not JSON', message: { Body: '{traceparent' } },
  { rule: 'null', message: null },
])('no link from $rule', ({ message }) => {
  expect(found([message])).toEqual([]);
});

test('one link for each sender, with the id of its first message', () => {
  const attributes = { AWSTraceHeader: HEADER };
  const other = { AWSTraceHeader: HEADER.replace(SPAN, '1'.repeat(16)) };
  const messages = [
    { messageId: 'a', attributes },
    { messageId: 'b', attributes },
    { messageId: 'c', attributes: other },
  ];
  expect(found(messages)).toEqual([
    [TRACE, SPAN, { 'messaging.message.id': 'a' }],
    [TRACE, '1'.repeat(16), { 'messaging.message.id': 'c' }],
  ]);
});

test('at most a hundred links', () => {
  const messages = Array.from({ length: 150 }, (_, n) => ({
    attributes: { AWSTraceHeader: HEADER.replace(SPAN, (n + 1).toString(16).padStart(16, '0')) },
  }));
  expect(messageLinks(messages)).toHaveLength(100);
});

test('any value is a message without an error', () => {
  fc.assert(
    fc.property(fc.array(fc.anything({ withNullPrototype: true })), (messages) => {
      expect(messageLinks(messages)).toEqual([]);
      expect(carrierLink(messages)).toBeUndefined();
    }),
  );
});
