import { expect, test } from 'vitest';
import { providerOf } from '../../../src/instrumentation/models/model-provider.ts';

test.each([
  ['https://api.openai.com/v1/chat/completions', 'openai'],
  ['https://shop.openai.azure.com/openai/deployments/gpt-5', 'azure.ai.openai'],
  ['https://shop.services.ai.azure.com/models', 'azure.ai.inference'],
  ['https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions', 'aws.bedrock'],
  ['https://generativelanguage.googleapis.com/v1beta/openai/', 'gcp.gemini'],
  ['https://europe-west1-aiplatform.googleapis.com/v1', 'gcp.vertex_ai'],
  ['https://api.deepseek.com/chat/completions', 'deepseek'],
  ['https://api.groq.com/openai/v1', 'groq'],
  ['https://api.mistral.ai/v1', 'mistral_ai'],
  ['https://api.together.xyz/v1', 'together'],
  ['https://openrouter.ai/api/v1', 'openrouter'],
  ['http://127.0.0.1:11434/v1', 'ollama'],
  ['http://vllm.internal:8000/v1', 'openai'],
  ['https://api.mistral.ai.example.com/v1', 'openai'],
  ['not a URL', 'openai'],
  [undefined, 'openai'],
])('the provider of %s is %s', (url, provider) => {
  expect(providerOf(url)).toBe(provider);
});

test('an unknown host: the provider of the client', () => {
  expect(providerOf('http://proxy.internal:8000/v1', 'groq')).toBe('groq');
});
