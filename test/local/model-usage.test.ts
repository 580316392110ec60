import { expect, test } from 'vitest';
import { entitiesOf } from '../../src/local/page/trace/entities.ts';
import { modelText, tokenSums } from '../../src/local/trace/model-usage.ts';
import { traceTree } from '../../src/local/tree.ts';
import type { SegmentDocument } from '../../src/translator/document.ts';

test.for([
  [
    {
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 9,
      'gen_ai.usage.output_tokens': 3,
    },
    'gpt-5, 9 tokens in, 3 out',
  ],
  [{ gen_ai_request_model: 'gpt-5' }, 'gpt-5'],
  [{ 'gen_ai.usage.output_tokens': 3 }, '3 tokens out'],
  [{ 'gen_ai.usage.input_tokens': 'many' }, ''],
  [{ other: 1 }, ''],
  [undefined, ''],
] as const)('a call with annotations %j is shown as "%s"', ([annotations, text]) => {
  expect(modelText({ annotations })).toBe(text);
});

const call = (id: string, input: number, output: number, more: object = {}): object => ({
  id,
  name: 'api.openai.com',
  start_time: 1,
  end_time: 2,
  annotations: {
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
  },
  ...more,
});
const SEGMENT = {
  ...call('a', 0, 0, { name: 'shop', annotations: undefined }),
  trace_id: '1-581cf771-a006649127e371903a2de979',
  subsegments: [
    call('b', 30, 12, { name: 'invoke_agent', subsegments: [call('c', 10, 5), call('d', 20, 7)] }),
    call('e', 1, 0),
  ],
};

test('the tokens of an agent are those of its calls', () => {
  expect(tokenSums(entitiesOf([JSON.stringify(SEGMENT)]))).toEqual({ input: 31, output: 12 });
});

test('the terminal shows model and tokens', () => {
  const lines = traceTree([SEGMENT as unknown as SegmentDocument]);
  expect(lines.filter((line) => line.includes('gpt-5, 10 tokens in, 5 out'))).toHaveLength(1);
});
