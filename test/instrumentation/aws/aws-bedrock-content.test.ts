import type { Attributes, Span } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { instrumentationConfig } from '../../../src/instrumentation/configs.ts';

interface Hooks {
  preRequestHook(span: Span, info: object): void;
  responseHook(span: Span, info: object): void;
}

/** Attributes that the hooks of the AWS SDK's instrumentation record of one call. */
function recorded(messageContent: boolean, call: object, data: object): Attributes {
  const hooks = { logTraceIds: false, middlewareSpans: false, connectSpans: false, messageContent };
  const config = instrumentationConfig('aws-sdk', hooks) as Hooks;
  const attributes: Attributes = {};
  const span = { setAttributes: (more: Attributes) => Object.assign(attributes, more) };
  const request = { serviceName: 'BedrockRuntime', ...call };
  config.preRequestHook(span as never, { request });
  config.responseHook(span as never, { response: { request, data } });
  return attributes;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const CONVERSE = {
  commandName: 'Converse',
  commandInput: {
    modelId: 'm',
    system: [{ text: 'be kind' }],
    messages: [
      { role: 'user', content: [{ text: 'hi' }, { image: { source: { bytes: bytes('png') } } }] },
    ],
  },
};
const ANSWER = { output: { message: { role: 'assistant', content: [{ text: 'hello' }] } } };

test('the prompt and the answer of Converse', () => {
  expect(recorded(true, CONVERSE, ANSWER)).toEqual({
    'gen_ai.system_instructions': '[{"text":"be kind"}]',
    'gen_ai.input.messages':
      '[{"role":"user","content":[{"text":"hi"},{"image":{"source":{"bytes":"3 bytes"}}}]}]',
    'gen_ai.output.messages': '[{"role":"assistant","content":[{"text":"hello"}]}]',
  });
});

test.each([
  ['text', '{"prompt":"hi"}'],
  ['bytes', bytes('{"prompt":"hi"}')],
])('the bodies of InvokeModel: %s', (_what, body) => {
  const call = { commandName: 'InvokeModel', commandInput: { modelId: 'm', body } };
  expect(recorded(true, call, { body: bytes('{"completion":"hello"}') })).toEqual({
    'gen_ai.input.messages': '{"prompt":"hi"}',
    'gen_ai.output.messages': '{"completion":"hello"}',
  });
});

test('a stream has a prompt only', () => {
  const call = { ...CONVERSE, commandName: 'ConverseStream' };
  expect(Object.keys(recorded(true, call, { stream: {} }))).toEqual([
    'gen_ai.system_instructions',
    'gen_ai.input.messages',
  ]);
});

test.each([
  ['without the setting', false, CONVERSE],
  ['of another service', true, { ...CONVERSE, serviceName: 'S3' }],
])('nothing %s', (_what, messageContent, call) => {
  expect(recorded(messageContent, call, ANSWER)).toEqual({});
});
