import { expect, test } from 'vitest';
import { parseMessage } from '../../src/local/daemon/message.ts';

const HEADER = '{"format":"json","version":1}\n';

test.for([
  {
    rule: 'header and document',
    text: `${HEADER}{"id":"a"}`,
    message: { kind: 'document', text: '{"id":"a"}' },
  },
  {
    rule: 'the header as other SDKs write it',
    text: '{"format": "json", "version": 1}\n{"id":"a"}\n',
    message: { kind: 'document', text: '{"id":"a"}' },
  },
  {
    rule: 'OTLP of ADOT, sampled',
    text: `${HEADER}T1S${Buffer.from('abc').toString('base64')}`,
    message: { kind: 'otlp', sampled: true, body: Buffer.from('abc') },
  },
  {
    rule: 'OTLP of ADOT, not sampled',
    text: `${HEADER}T1UAA==`,
    message: { kind: 'otlp', sampled: false, body: Buffer.from([0]) },
  },
  {
    rule: 'no newline',
    text: 'hello',
    message: { kind: 'foreign', reason: '5 bytes that are not an X-Ray message: no header line' },
  },
  {
    rule: 'a document without its header',
    text: '{"id":"a"}\n{"id":"b"}',
    message: {
      kind: 'foreign',
      reason:
        '21 bytes that are not an X-Ray message: the first line is not {"format":"json","version":1}',
    },
  },
  {
    rule: 'a header of another version',
    text: '{"format":"json","version":2}\n{}',
    message: {
      kind: 'foreign',
      reason: '32 bytes that are not an X-Ray message: header version 2 is not 1',
    },
  },
  {
    rule: 'a header alone',
    text: HEADER,
    message: {
      kind: 'foreign',
      reason: '30 bytes that are not an X-Ray message: a header without a document',
    },
  },
  {
    rule: 'a broken OTLP text',
    text: `${HEADER}T1S%%%`,
    message: {
      kind: 'foreign',
      reason: '36 bytes that are not an X-Ray message: T1S text that is not base64',
    },
  },
])('datagram: $rule', ({ text, message }) => {
  expect(parseMessage(Buffer.from(text))).toEqual(message);
});
