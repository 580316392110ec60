import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceMessages } from '../../../src/instrumentation/aws/aws-requests.ts';
import { propagatorFromNames } from '../../../src/propagation/names.ts';
import { xrayPropagator } from '../../../src/propagation/xray.ts';
import { collectMessages } from '../../support/messages.ts';

const sender = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: '581cf771a006649127e371903a2de979',
  spanId: '70de5b6f19ff9a0a',
  traceFlags: 1,
});
const HEADER = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1';
const SYSTEM = { AWSTraceHeader: { DataType: 'String', StringValue: HEADER } };
const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const W3C = { traceparent: text('00-581cf771a006649127e371903a2de979-70de5b6f19ff9a0a-01') };
const BOTH = { ...W3C, 'x-amzn-trace-id': text(HEADER) };
const FIELDS = ['traceparent', 'tracestate', 'x-amzn-trace-id'];

beforeAll(() => {
  const factories = { tracecontext: () => new W3CTraceContextPropagator(), xray: xrayPropagator };
  propagation.setGlobalPropagator(propagatorFromNames(['tracecontext', 'xray'], factories));
});
afterAll(() => propagation.disable());

/** As many message attributes of the app. */
const own = (count: number): Record<string, object> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`own${n}`, text('x')]));

function traced([serviceName, commandName]: readonly string[], input: unknown): unknown {
  const commandInput = structuredClone(input);
  traceMessages(
    { serviceName: serviceName ?? '', commandName: commandName ?? '', commandInput },
    sender,
  );
  return commandInput;
}

test.for([
  {
    rule: 'a message of SQS carries the trace',
    call: ['SQS', 'SendMessage'],
    input: { MessageBody: 'x' },
    becomes: { MessageBody: 'x', MessageSystemAttributes: SYSTEM, MessageAttributes: W3C },
  },
  {
    rule: 'each message of a batch carries the trace',
    call: ['SQS', 'SendMessageBatch'],
    input: { Entries: [{ Id: '1' }, { Id: '2' }] },
    becomes: {
      Entries: [
        { Id: '1', MessageSystemAttributes: SYSTEM, MessageAttributes: W3C },
        { Id: '2', MessageSystemAttributes: SYSTEM, MessageAttributes: W3C },
      ],
    },
  },
  {
    rule: 'attributes that the app set stay',
    call: ['SQS', 'SendMessage'],
    input: {
      MessageAttributes: { traceparent: text('own') },
      MessageSystemAttributes: { AWSTraceHeader: text('own') },
    },
    becomes: {
      MessageAttributes: { traceparent: text('own') },
      MessageSystemAttributes: { AWSTraceHeader: text('own') },
    },
  },
  {
    rule: 'a message of SQS with ten attributes carries the trace beside them',
    call: ['SQS', 'SendMessage'],
    input: { MessageAttributes: own(10) },
    becomes: { MessageAttributes: own(10), MessageSystemAttributes: SYSTEM },
  },
  {
    rule: 'a batch without entries stays',
    call: ['SQS', 'SendMessageBatch'],
    input: { Entries: null },
    becomes: { Entries: null },
  },
  {
    rule: 'a receiver requests everything that may carry a trace',
    call: ['SQS', 'ReceiveMessage'],
    input: { MessageAttributeNames: ['own'], AttributeNames: null },
    becomes: {
      AttributeNames: null,
      MessageSystemAttributeNames: ['AWSTraceHeader'],
      MessageAttributeNames: ['own', ...FIELDS],
    },
  },
  {
    rule: 'a receiver that requests all attributes requests no more',
    call: ['SQS', 'ReceiveMessage'],
    input: { MessageAttributeNames: ['All'], AttributeNames: ['All'] },
    becomes: { MessageAttributeNames: ['All'], AttributeNames: ['All'] },
  },
  {
    rule: 'a message of SNS carries the trace',
    call: ['SNS', 'Publish'],
    input: { Message: 'x' },
    becomes: { Message: 'x', MessageAttributes: BOTH },
  },
  {
    rule: 'each message of an SNS batch carries the trace',
    call: ['SNS', 'PublishBatch'],
    input: { PublishBatchRequestEntries: [{ Id: '1', MessageAttributes: own(9) }, null] },
    becomes: {
      PublishBatchRequestEntries: [{ Id: '1', MessageAttributes: { ...own(9), ...W3C } }, null],
    },
  },
  {
    rule: 'an event carries the trace unless the app set one',
    call: ['EventBridge', 'PutEvents'],
    input: { Entries: [{ Source: 'a' }, { Source: 'b', TraceHeader: 'own' }] },
    becomes: {
      Entries: [
        { Source: 'a', TraceHeader: HEADER },
        { Source: 'b', TraceHeader: 'own' },
      ],
    },
  },
  {
    rule: 'the client context of an invocation stays',
    call: ['Lambda', 'Invoke'],
    input: { FunctionName: 'f' },
    becomes: { FunctionName: 'f' },
  },
  {
    rule: 'a name of Object.prototype is no call',
    call: ['', 'constructor'],
    input: {},
    becomes: {},
  },
])('$rule', ({ call, input, becomes }) => {
  using messages = collectMessages();
  expect(traced(call, input)).toEqual(becomes);
  expect(messages.warnings).toEqual([]);
});

test('an SNS message without room for the trace stays; that is logged once', () => {
  using messages = collectMessages();
  const inputs = [{ MessageAttributes: own(10) }, { Message: 'x'.repeat(256_000) }];
  expect(inputs.map((input) => traced(['SNS', 'Publish'], input))).toEqual(inputs);
  expect(messages.warnings).toEqual([
    expect.stringContaining('an SNS message has 10 attributes or a large body'),
  ]);
});
