import { expect, test } from 'vitest';
import { checkDocuments } from '../../src/local/daemon/check.ts';

const GOOD = {
  name: 'shop',
  id: '70de5b6f19ff9a0a',
  trace_id: '1-581cf771-a006649127e371903a2de979',
  start_time: 1478293361.271,
  end_time: 1478293361.449,
};
const SUBSEGMENT = { ...GOOD, type: 'subsegment', parent_id: '1111111111111111' };

test.for([
  { rule: 'a complete segment', document: GOOD },
  { rule: 'an independent subsegment', document: SUBSEGMENT },
  { rule: 'a segment in progress', document: { ...GOOD, end_time: undefined, in_progress: true } },
  { rule: 'a name of letters of any script', document: { ...GOOD, name: 'naïve / λ-svc' } },
  { rule: 'a segment of no length', document: { ...GOOD, end_time: GOOD.start_time } },
])('taken: $rule', ({ document }) => {
  expect(checkDocuments(JSON.stringify(document))).toEqual([
    {
      ok: true,
      id: GOOD.id,
      traceId: GOOD.trace_id,
      record: JSON.parse(JSON.stringify(document)),
    },
  ]);
});

test.for([
  { document: { ...GOOD, id: undefined }, code: 'MissingId', reason: 'no id' },
  {
    document: { ...GOOD, id: 'xyz' },
    code: 'InvalidId',
    reason: 'id "xyz": not 16 hexadecimal digits',
  },
  { document: { ...GOOD, trace_id: undefined }, code: 'MissingTraceId', reason: 'no trace_id' },
  {
    document: { ...GOOD, trace_id: '581cf771a006649127e371903a2de979' },
    code: 'InvalidTraceId',
    reason:
      'trace_id "581cf771a006649127e371903a2de979": not 1-8 hexadecimal digits-24 hexadecimal digits',
  },
  { document: { ...GOOD, name: '' }, code: 'MissingName', reason: 'no name' },
  {
    document: { ...GOOD, name: 'GET /a?b' },
    code: 'InvalidName',
    reason: 'name "GET /a?b": X-Ray does not allow the character "?"',
  },
  {
    document: { ...GOOD, name: 'a'.repeat(201) },
    code: 'InvalidName',
    reason: 'name has 201 characters; the limit is 200',
  },
  {
    document: { ...GOOD, start_time: undefined },
    code: 'MissingStartTime',
    reason: 'no start_time',
  },
  {
    document: { ...GOOD, start_time: '1478293361' },
    code: 'InvalidTime',
    reason: 'start_time "1478293361": not a number of epoch seconds',
  },
  {
    document: { ...GOOD, end_time: undefined },
    code: 'MissingEndTime',
    reason: 'neither end_time nor in_progress: true',
  },
  {
    document: { ...GOOD, end_time: 5 },
    code: 'InvalidTime',
    reason: 'end_time 5 before start_time 1478293361.271',
  },
  {
    document: { ...SUBSEGMENT, parent_id: undefined },
    code: 'MissingParentId',
    reason: 'no parent_id of a subsegment',
  },
  {
    document: { ...GOOD, parent_id: 7 },
    code: 'InvalidParentId',
    reason: 'parent_id 7: not 16 hexadecimal digits',
  },
])('refused with $code: $reason', ({ document, code, reason }) => {
  const kind = 'type' in document ? 'subsegment' : 'segment';
  const cause = code === 'InvalidName' ? ', Cause: null' : '';
  expect(checkDocuments(JSON.stringify(document))).toEqual([
    {
      ok: false,
      refusal: {
        code,
        reason,
        message: `Invalid ${kind}. ErrorCode: ${code}${cause}`,
        id: 'id' in document ? document.id : undefined,
        traceId: document.trace_id,
      },
    },
  ]);
});

test.for([
  {
    rule: 'broken JSON still tells its id',
    text: '{"id":"70de5b6f19ff9a0a","type": "subsegment","name":',
    refusal: {
      code: 'ParseError',
      id: '70de5b6f19ff9a0a',
      message: 'Invalid subsegment. ErrorCode: ParseError',
    },
  },
  {
    rule: 'a number is no document',
    text: '7',
    refusal: { code: 'ParseError', reason: 'not a JSON object' },
  },
  {
    rule: 'an empty list has no id',
    text: '[]',
    refusal: { code: 'MissingId', reason: 'an empty list' },
  },
  {
    rule: 'more than 64 KB of UTF-8',
    text: JSON.stringify({ ...GOOD, metadata: { d: { t: 'é'.repeat(33_000) } } }),
    refusal: { code: 'DocumentTooLarge', id: GOOD.id, traceId: GOOD.trace_id },
  },
  {
    rule: 'JSON nested so deep that readers would break',
    text: `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    refusal: { code: 'ParseError', reason: 'nested deeper than 1000 levels' },
  },
])('refused: $rule', ({ text, refusal }) => {
  expect(checkDocuments(text)).toEqual([{ ok: false, refusal: expect.objectContaining(refusal) }]);
});

test('each element of a list is checked', () => {
  const results = checkDocuments(JSON.stringify([GOOD, { ...SUBSEGMENT, id: undefined }, 3]));
  expect(results.map((result) => (result.ok ? 'ok' : result.refusal.code))).toEqual([
    'ok',
    'MissingId',
    'ParseError',
  ]);
});
