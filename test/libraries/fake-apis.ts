import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers like the APIs of OpenAI, Anthropic, Gemini, Cohere, Ollama and Elasticsearch. */
export interface FakeApis extends AsyncDisposable {
  readonly url: string;
}

interface Call {
  readonly path: string;
  readonly body: string;
  /** How often this body was sent to this path before. */
  readonly earlier: number;
}

type Answer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly events: string }
  /** The client waits. */
  | 'none';

/** Server-sent events; those of OpenAI have no names. */
function events(list: readonly (object | string)[]): Answer {
  const lines = list.map((data) => {
    const name = typeof data === 'object' && 'type' in data ? `event: ${String(data.type)}\n` : '';
    return `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
  });
  return { events: lines.join('') };
}

const failure = (status: number, message: string): Answer => ({
  status,
  json: { type: 'error', error: { type: 'api_error', message } },
});

/** Errors of Ollama are texts, those of Cohere have a message. */
function inFormOf(path: string, trouble: Answer | undefined): Answer | undefined {
  if (trouble === undefined || trouble === 'none' || 'events' in trouble) return trouble;
  const { message } = (trouble.json as { readonly error: { readonly message: string } }).error;
  if (path.startsWith('/api/')) return { ...trouble, json: { error: message } };
  return path.startsWith('/v2/') ? { ...trouble, json: { message } } : trouble;
}

/** What all APIs do with some texts in a request. */
function troubleWith({ body, earlier }: Call): Answer | undefined {
  if (body.includes('no answer')) return 'none';
  if (body.includes('too long')) return failure(400, 'the prompt is too long');
  if (body.includes('no access')) return failure(401, 'the key is not valid');
  if (body.includes('too many')) return failure(429, 'too many requests');
  if (body.includes('out of order')) return failure(500, 'the server is out of order');
  if (body.includes('busy') && earlier % 2 === 0) return failure(429, 'try again');
  return undefined;
}

const CHAT = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-5-2026' };
const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-5' };

function chatCompletion({ path, body }: Call): Answer {
  const asksForTool = body.includes('"tools"') && !body.includes('"role":"tool"');
  const message = asksForTool
    ? {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"secret city"}' },
          },
        ],
      }
    : { role: 'assistant', content: 'secret answer' };
  const finish_reason = asksForTool ? 'tool_calls' : 'stop';
  if (!body.includes('"stream":true')) {
    return { json: { ...CHAT, choices: [{ index: 0, message, finish_reason }], usage: USAGE } };
  }
  const chunk = { ...CHAT, object: 'chat.completion.chunk' };
  const isGroq = path.startsWith('/openai/v1/');
  return events([
    {
      ...chunk,
      choices: [
        { index: 0, delta: { role: 'assistant', content: 'secret ' }, finish_reason: null },
      ],
    },
    { ...chunk, choices: [{ index: 0, delta: { content: 'answer' }, finish_reason: 'stop' }] },
    {
      ...chunk,
      choices: [],
      ...(isGroq ? { x_groq: { id: 'req_1', usage: USAGE } } : { usage: USAGE }),
    },
    '[DONE]',
  ]);
}

function message(body: string): Answer {
  const usage = { input_tokens: 11, output_tokens: 5 };
  const content = [{ type: 'text', text: 'secret answer' }];
  if (!body.includes('"stream":true')) {
    return { json: { ...MESSAGE, content, stop_reason: 'end_turn', usage } };
  }
  return events([
    { type: 'message_start', message: { ...MESSAGE, content: [], usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'secret answer' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ]);
}

const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'gpt-5-2026',
  output: [
    {
      id: 'item_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'secret answer', annotations: [] }],
    },
  ],
  usage: { input_tokens: 8, output_tokens: 2, total_tokens: 10 },
};

function response(body: string): Answer {
  if (!body.includes('"stream":true')) return { json: RESPONSE };
  const started = { ...RESPONSE, status: 'in_progress', output: [], usage: null };
  return events([
    { type: 'response.created', sequence_number: 0, response: started },
    { type: 'response.completed', sequence_number: 1, response: RESPONSE },
  ]);
}

function geminiContent({ path }: Call): Answer {
  const part = (text: string, more: object = {}) => ({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }],
    responseId: 'gemini-1',
    modelVersion: 'gemini-3-flash-001',
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 2, thoughtsTokenCount: 4 },
  });
  const end = { finishReason: 'STOP' };
  return path.includes(':stream')
    ? events([part('secret '), part('answer', end)])
    : { json: part('secret answer', end) };
}

/** Lines of JSON in a stream. */
function ollamaAnswer({ path, body }: Call): Answer {
  const part = (text: string) =>
    path.endsWith('/chat') ? { message: { role: 'assistant', content: text } } : { response: text };
  const item = { model: 'llama-5', created_at: '2026-01-01T00:00:00Z', done: false };
  const end = { done: true, done_reason: 'stop', prompt_eval_count: 6, eval_count: 2 };
  if (!body.includes('"stream":true')) {
    return { json: { ...item, ...part('secret answer'), ...end } };
  }
  const lines = [
    { ...item, ...part('secret ') },
    { ...item, ...part('answer') },
    { ...item, ...part(''), ...end },
  ];
  return { events: lines.map((line) => `${JSON.stringify(line)}\n`).join('') };
}

function cohereChat({ body }: Call): Answer {
  const usage = {
    billed_units: { input_tokens: 5, output_tokens: 3 },
    tokens: { input_tokens: 71, output_tokens: 4 },
  };
  if (!body.includes('"stream":true')) {
    const content = [{ type: 'text', text: 'secret answer' }];
    const message = { role: 'assistant', content };
    return { json: { id: 'cohere-1', finish_reason: 'COMPLETE', message, usage } };
  }
  const text = { message: { content: { text: 'secret answer' } } };
  return events([
    { type: 'message-start', id: 'cohere-1', delta: { message: { role: 'assistant' } } },
    { type: 'content-delta', index: 0, delta: text },
    { type: 'message-end', id: 'cohere-1', delta: { finish_reason: 'COMPLETE', usage } },
    '[DONE]',
  ]);
}

const ANSWERS: readonly (readonly [path: RegExp, answer: (call: Call) => Answer])[] = [
  [/\/(?:chat|agents)\/completions$/, chatCompletion],
  [/\/api\/(?:chat|generate)$/, ollamaAnswer],
  [
    /\/api\/embed$/,
    () => ({ json: { model: 'llama-5', embeddings: [[0.5, 0.25]], prompt_eval_count: 4 } }),
  ],
  [/\/v2\/chat$/, cohereChat],
  [
    /\/v2\/embed$/,
    () => ({
      json: {
        id: 'cohere-2',
        texts: ['secret text'],
        embeddings: { float: [[0.5, 0.25]] },
        meta: { billed_units: { input_tokens: 4 } },
      },
    }),
  ],
  [
    /\/embeddings$/,
    () => ({
      json: {
        id: 'embd-1',
        object: 'list',
        model: 'embed-5',
        data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
        usage: { prompt_tokens: 4, completion_tokens: 0, total_tokens: 4 },
      },
    }),
  ],
  [/\/responses$/, ({ body }) => response(body)],
  [/:(?:generate|streamGenerate)Content$/, geminiContent],
  [/:batchEmbedContents$/, () => ({ json: { embeddings: [{ values: [0.5, 0.25] }] } })],
  [
    /\/v1\/completions$/,
    () => ({
      json: { id: 'cmpl-1', model: 'text-1', choices: [{ text: 'secret answer' }], usage: USAGE },
    }),
  ],
  [
    /\/images\/generations$/,
    () => ({
      json: { data: [{ b64_json: 'secret' }], usage: { input_tokens: 5, output_tokens: 900 } },
    }),
  ],
  [/\/audio\/transcriptions$/, () => ({ json: { text: 'secret text' } })],
  [/\/audio\/speech$/, () => ({ json: 'secret sound' })],
  [/\/v1\/messages$/, ({ body }) => message(body)],
  [/\/_search$/, () => ({ json: { hits: { hits: [{ _id: '1' }] } } })],
  [/\/_doc\//, () => ({ status: 404, json: { found: false } })],
];

function answerTo(call: Call): Answer {
  const [, answer] = ANSWERS.find(([path]) => path.test(call.path)) ?? [];
  return (
    inFormOf(call.path, troubleWith(call)) ??
    answer?.(call) ??
    failure(404, `no such path: ${call.path}`)
  );
}

export async function startFakeApis(): Promise<FakeApis> {
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const path = (request.url ?? '').replace(/\?.*/, '');
    const key = `${path} ${body}`;
    const earlier = seen.get(key) ?? 0;
    seen.set(key, earlier + 1);
    send(response, answerTo({ path, body, earlier }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return text;
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'none') return;
  if ('events' in answer) {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer.events);
    return;
  }
  const { status = 200, json } = answer;
  const headers = {
    'content-type': 'application/json',
    'retry-after-ms': '1',
    'x-elastic-product': 'Elasticsearch',
  };
  response.writeHead(status, headers).end(JSON.stringify(json));
}
