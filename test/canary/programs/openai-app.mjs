import { createServer } from 'node:http';
import { trace } from '@opentelemetry/api';
import OpenAI from 'openai';

const usage = { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 };
const message = { role: 'assistant', content: 'secret answer' };
/** Responses in the form that the API documents. */
const RESPONSES = {
  '/v1/chat/completions': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_732_288_512,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage,
  },
  '/v1/embeddings': {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }],
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
  },
};
const server = createServer((request, response) => {
  const found = RESPONSES[request.url];
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? { error: { message: 'no such model' } }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${server.address().port}`;
const client = new OpenAI({ apiKey: 'none', baseURL: `${host}/v1`, maxRetries: 0 });
const broken = new OpenAI({ apiKey: 'none', baseURL: `${host}/v0`, maxRetries: 0 });
const messages = [{ role: 'user', content: 'secret question' }];

await trace.getTracer('app').startActiveSpan('ask', async (span) => {
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'secret' });
  await broken.chat.completions.create({ model: 'gpt-4o', messages }).catch(() => {});
  span.end();
});
server.close();
