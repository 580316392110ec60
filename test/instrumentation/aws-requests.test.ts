import { type Span, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { traceMessages } from '../../src/instrumentation/aws-requests.ts';

const span: Span = trace.wrapSpanContext({
  traceId: '581cf771a006649127e371903a2de979',
  spanId: '70de5b6f19ff9a0a',
  traceFlags: 1,
});
const HEADER = 'Root=1-581cf771-a006649127e371903a2de979;Parent=70de5b6f19ff9a0a;Sampled=1';
const SYSTEM = { AWSTraceHeader: { DataType: 'String', StringValue: HEADER } };

test.for([
  {
    rule: 'a message carries the trace',
    call: ['SQS', 'SendMessage'],
    input: { MessageBody: 'x' },
    becomes: { MessageBody: 'x', MessageSystemAttributes: SYSTEM },
  },
  {
    rule: 'so does each of a batch',
    call: ['SQS', 'SendMessageBatch'],
    input: { Entries: [{ Id: '1' }, { Id: '2' }] },
    becomes: {
      Entries: [
        { Id: '1', MessageSystemAttributes: SYSTEM },
        { Id: '2', MessageSystemAttributes: SYSTEM },
      ],
    },
  },
  {
    rule: 'a receiver asks for the header',
    call: ['SQS', 'ReceiveMessage'],
    input: {},
    becomes: { MessageSystemAttributeNames: ['AWSTraceHeader'] },
  },
  {
    rule: 'an event carries the trace, unless the app has set one',
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
    rule: 'other calls stay as they are',
    call: ['S3', 'PutObject'],
    input: { Key: 'k' },
    becomes: { Key: 'k' },
  },
  { rule: 'a name of the prototype is no call', call: ['', 'constructor'], input: {}, becomes: {} },
])('AWS request: $rule', ({ call: [serviceName = '', commandName = ''], input, becomes }) => {
  const commandInput = structuredClone(input);
  traceMessages(span, { request: { serviceName, commandName, commandInput } });
  expect(commandInput).toEqual(becomes);
});
