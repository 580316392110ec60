import { expect, test } from 'vitest';
import { sentDocumentCheck } from '../../src/local/validate-sent.ts';

const GOOD = {
  name: 'shop',
  id: '70de5b6f19ff9a0a',
  trace_id: '1-581cf771-a006649127e371903a2de979',
  start_time: 1_478_293_361.271,
  end_time: 1_478_293_361.449,
};

/** Returns the warnings about documents, one per key. */
function problemsOf(...documents: readonly object[]): readonly string[] {
  const messages = new Map<string, string>();
  const check = sentDocumentCheck((message, key) => {
    if (!messages.has(key)) messages.set(key, message);
  });
  for (const document of documents) check(JSON.stringify(document));
  return [...messages.values()];
}

const child = (more: object): object => ({
  name: 'call',
  id: '70de5b6f19ff9a0b',
  start_time: GOOD.start_time,
  end_time: GOOD.end_time,
  ...more,
});

test.for([
  { rule: 'nothing of a good document', documents: [GOOD], problems: [] },
  {
    rule: 'why X-Ray would refuse one',
    documents: [{ ...GOOD, name: 'a!b' }],
    problems: [
      'X-Ray would reject a document (InvalidName, id 70de5b6f19ff9a0a): name "a!b": X-Ray does not allow the character "!"',
    ],
  },
  {
    rule: 'what X-Ray would not keep, with its place',
    documents: [{ ...GOOD, subsegments: [child({ http: { response: { status: 99 } } })] }],
    problems: [
      'X-Ray would store a document only in part (id 70de5b6f19ff9a0a): subsegments[0].http.response.status: 99 is less than 100',
    ],
  },
  {
    rule: 'the same field in another document, or deeper, once',
    documents: [
      { ...GOOD, user: 'x'.repeat(300) },
      { ...GOOD, user: 'y'.repeat(400) },
    ],
    problems: [expect.stringContaining(': user: 300 characters')],
  },
  {
    rule: 'each kind of problem',
    documents: [
      { ...GOOD, user: 'x'.repeat(300) },
      { ...GOOD, unknown: 1 },
      { ...GOOD, id: 'x' },
    ],
    problems: [
      expect.stringContaining('user'),
      expect.stringContaining('unknown: not a field of the document format here'),
      expect.stringContaining('InvalidId'),
    ],
  },
  {
    rule: 'nothing of parameters of AWS calls',
    documents: [
      {
        ...GOOD,
        subsegments: [child({ namespace: 'aws', aws: { operation: 'Invoke', status_code: 202 } })],
      },
    ],
    problems: [],
  },
])('validated: $rule', ({ documents, problems }) => {
  expect(problemsOf(...documents)).toEqual(problems);
});
