import type { Attributes } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { isAbort } from '../spans/model-error-kinds.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { apiUrl, known, type ModelRequest } from './model-call.ts';
import { contentAttribute } from './model-content.ts';
import { type Fields, tracedMethod } from './model-method.ts';

const NAME = 'chat-clients';

interface Config {
  /** Whether prompts and answers are recorded. */
  readonly messageContent?: boolean;
}

/** What an answer, or one item of a stream, says. */
interface Answer {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly reason?: unknown;
  readonly inputTokens?: unknown;
  readonly outputTokens?: unknown;
  readonly message?: unknown;
}

/** Methods with the same answers: name → operation and path of the request. */
type Methods = Readonly<Record<string, readonly [operation: string, path: string]>>;

type Wrap = (target: object | undefined, methods: Methods) => void;
type Classes = Readonly<
  Record<string, { new (options: object): Fields; readonly prototype: object }>
>;

interface Client {
  readonly provider: string;
  /** Finds what has the methods. */
  trace(classes: Classes, wrap: Wrap): void;
  /** Returns the address of the API. */
  baseOf(part: Fields): unknown;
  /** Returns parameters of a request by their names in the semantic conventions. */
  parametersOf(params: Fields): Fields;
  answerOf(result: Fields): Answer;
}

const fields = (value: unknown): Fields => Object(value) as Fields;

const ollama: Client = {
  provider: 'ollama',
  trace: ({ Ollama }, wrap) =>
    wrap(Ollama?.prototype, {
      chat: ['chat', '/api/chat'],
      generate: ['text_completion', '/api/generate'],
      embed: ['embeddings', '/api/embed'],
    }),
  baseOf: ({ config }) => fields(config)['host'],
  parametersOf({ options }) {
    const { temperature, top_p, top_k, num_predict: max_tokens } = fields(options);
    return { temperature, top_p, top_k, max_tokens };
  },
  answerOf: ({ model, done_reason: reason, prompt_eval_count, eval_count, message, response }) => ({
    model,
    reason,
    inputTokens: prompt_eval_count,
    outputTokens: eval_count,
    message: message ?? response,
  }),
};

const mistral: Client = {
  provider: 'mistral_ai',
  trace({ Mistral }, wrap) {
    wrapPartOf(Mistral?.prototype, 'embeddings', (part) =>
      wrap(part, { create: ['embeddings', '/v1/embeddings'] }),
    );
    for (const [name, path] of [
      ['chat', '/v1/chat/completions'],
      ['agents', '/v1/agents/completions'],
    ] as const) {
      const chat = ['chat', path] as const;
      wrapPartOf(Mistral?.prototype, name, (part) =>
        wrap(part, { complete: chat, parse: chat, stream: chat, parseStream: chat }),
      );
    }
  },
  baseOf: ({ _baseURL: url }) => url && String(url),
  parametersOf: ({ temperature, topP, maxTokens }) => ({
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
  }),
  answerOf({ data, ...whole }) {
    // Items of a stream are in `data`; there, embeddings have their numbers.
    const { id, model, usage, choices } = 'model' in whole ? whole : fields(data);
    const { promptTokens: inputTokens, completionTokens: outputTokens } = fields(usage);
    const { finishReason: reason, message } = fields(fields(choices)[0]);
    return { id, model, reason, inputTokens, outputTokens, message };
  },
};

/** Calls a function with the prototype of a part of a client, which is made when it is first read. */
function wrapPartOf(client: object | undefined, name: string, wrap: (part: object) => void): void {
  const { get } = Object.getOwnPropertyDescriptor(Object(client), name) ?? {};
  if (client === undefined || get === undefined) return;
  const traced = function (this: unknown): unknown {
    const part: object = get.call(this);
    attempt(NAME, () => wrap(Object.getPrototypeOf(part)));
    return part;
  };
  Object.defineProperty(client, name, { get: traced, configurable: true });
}

const cohere: Client = {
  provider: 'cohere',
  trace({ CohereClientV2 }, wrap) {
    if (CohereClientV2 === undefined) return;
    // The class that has the methods is not exported. What the public ones return is no ordinary promise.
    const { clientV2 } = new CohereClientV2({ token: '' });
    const prototype: object = Object.getPrototypeOf(clientV2);
    const own = (name: string): string => (`__${name}` in prototype ? `__${name}` : name);
    wrap(prototype, {
      [own('chat')]: ['chat', '/v2/chat'],
      [own('chatStream')]: ['chat', '/v2/chat'],
      [own('embed')]: ['embeddings', '/v2/embed'],
    });
  },
  baseOf({ _options: options }) {
    const { baseUrl, environment } = fields(options);
    return baseUrl ?? environment ?? 'https://api.cohere.com';
  },
  parametersOf: ({ temperature, p: top_p, k: top_k, maxTokens: max_tokens }) => ({
    temperature,
    top_p,
    top_k,
    max_tokens,
  }),
  answerOf({ id, delta, ...whole }) {
    const { finishReason: reason, message, usage, meta } = { ...whole, ...fields(delta) } as Fields;
    const { tokens, billedUnits } = fields(usage ?? meta);
    return { id, reason, message, ...fields(tokens ?? billedUnits) };
  },
};

const CLIENTS: Readonly<Record<string, Client>> = {
  '@mistralai/mistralai': mistral,
  'cohere-ai': cohere,
  ollama,
};

/** Traces calls of models by the clients of Mistral, Cohere (version 2 of its API) and Ollama. */
export class ChatClientsInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    const content = contentAttribute(messageContent);
    this.#hook = new Hook(Object.keys(CLIENTS), {}, (exports, name) => {
      const client = CLIENTS[name] as Client;
      client.trace(exports as Classes, (target, methods) =>
        wrapAll(target, methods, client, content),
      );
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

type Content = ReturnType<typeof contentAttribute>;

function wrapAll(
  target: object | undefined,
  methods: Methods,
  client: Client,
  content: Content,
): void {
  if (target === undefined) return;
  const wrappers = Object.entries(methods).map(([name, [operation, path]]) => {
    const facts = {
      request: (params: Fields, part: Fields) =>
        requestOf(operation, path, params, part, client, content),
      answer: (result: Fields, isItem: boolean) =>
        attributesOf(client.answerOf(result), isItem ? undefined : content),
      // The client of Cohere throws an error without a cause.
      isAborted: (error: unknown, _params: Fields, options?: unknown) =>
        isAbort(error) || fields(fields(options)['abortSignal'])['aborted'] === true,
      bodyOf: (result: unknown) =>
        'rawResponse' in Object(result) ? fields(result)['data'] : result,
    };
    return [name, tracedMethod<Fields>(NAME, facts)];
  });
  wrapMethodsOnce(target, Object.fromEntries(wrappers));
}

function requestOf(
  operation: string,
  path: string,
  params: Fields,
  part: Fields,
  { provider, baseOf, parametersOf }: Client,
  content: Content,
): ModelRequest {
  const url = apiUrl(baseOf(part), path);
  const parameters = Object.entries(parametersOf(params));
  return {
    operation,
    provider,
    model: params['model'],
    ...(url !== undefined && { url }),
    attributes: {
      ...known(
        Object.fromEntries(parameters.map(([key, value]) => [`gen_ai.request.${key}`, value])),
      ),
      ...content('gen_ai.input.messages', params['messages'] ?? params['prompt']),
    },
  };
}

/** @param content `undefined` for an item of a stream */
function attributesOf(
  { id, model, reason, inputTokens, outputTokens, message }: Answer,
  content: Content | undefined,
): Attributes {
  return {
    ...known({
      'gen_ai.response.id': id,
      'gen_ai.response.model': model,
      'gen_ai.response.finish_reasons': typeof reason === 'string' ? [reason] : undefined,
      'gen_ai.usage.input_tokens': inputTokens,
      'gen_ai.usage.output_tokens': outputTokens,
    }),
    ...content?.('gen_ai.output.messages', message && [message]),
  };
}
