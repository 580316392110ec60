import type { Attributes } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { apiUrl, known, type ModelRequest } from './model-call.ts';
import { contentAttribute } from './model-content.ts';
import { providerOf } from './model-provider.ts';
import { type ApiClient, type Fields, type MethodFacts, traceMethod } from './stainless-calls.ts';

const NAME = 'openai';

/** The classes of the resources of the API; `Responses` came with version 4.87. */
interface OpenAIClass {
  readonly Chat?: { readonly Completions?: { readonly prototype: object } };
  readonly Completions?: { readonly prototype: object };
  readonly Embeddings?: { readonly prototype: object };
  readonly Images?: { readonly prototype: object };
  readonly Audio?: Readonly<Record<string, { readonly prototype: object } | undefined>>;
  readonly Responses?: { readonly prototype: object };
}

interface Config {
  /** Whether prompts and answers are recorded. */
  readonly messageContent?: boolean;
}

interface Client {
  /** Name of its class. */
  readonly className: string;
  /** Begins the paths of its requests, after the base URL. */
  readonly start: string;
  /** The provider where the host does not tell it. */
  readonly provider: string;
}

/** What a method calls. */
interface Endpoint {
  /** After the base URL. */
  readonly path: string;
  readonly provider: string;
}

/** Clients of the same form, for APIs of the same form, by their packages. */
const CLIENTS: Readonly<Record<string, Client>> = {
  openai: { className: 'OpenAI', start: '', provider: 'openai' },
  'groq-sdk': { className: 'Groq', start: '/openai/v1', provider: 'groq' },
  'together-ai': { className: 'Together', start: '', provider: 'together' },
};

/**
 * Traces calls of models by the clients of OpenAI, Groq and Together AI: chat completions, responses,
 * embeddings, images and audio.
 *
 * Upstream's instrumentation reads the body of every response, so that `asResponse()` no longer works,
 * and records prompts as log events only.
 */
export class OpenAIInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    const content = contentAttribute(messageContent);
    this.#hook = new Hook(Object.keys(CLIENTS), {}, (exports, name) => {
      const client = CLIENTS[name] as Client;
      const made = (exports as Record<string, OpenAIClass | undefined>)[client.className];
      if (made !== undefined) traceClient(made, client, content);
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

type Content = ReturnType<typeof contentAttribute>;

function traceClient(
  { Chat, Completions, Embeddings, Images, Audio, Responses }: OpenAIClass,
  { start, provider }: Client,
  content: Content,
): void {
  const trace = (
    resource: { readonly prototype: object } | undefined,
    method: string,
    facts: (endpoint: Endpoint) => MethodFacts,
    path: string,
  ): void =>
    traceMethod(NAME, resource?.prototype, method, facts({ path: start + path, provider }));
  trace(Chat?.Completions, 'create', chat(content), '/chat/completions');
  trace(Responses, 'create', responses(content), '/responses');
  trace(Embeddings, 'create', embeddings, '/embeddings');
  trace(Completions, 'create', text, '/completions');
  trace(Images, 'generate', media, '/images/generations');
  trace(Images, 'edit', media, '/images/edits');
  trace(Audio?.['Speech'], 'create', media, '/audio/speech');
  trace(Audio?.['Transcriptions'], 'create', media, '/audio/transcriptions');
  trace(Audio?.['Translations'], 'create', media, '/audio/translations');
}

function requestOf(
  operation: string,
  { path, provider: otherwise }: Endpoint,
  { model }: Fields,
  client: ApiClient | undefined,
  attributes: Attributes,
): ModelRequest {
  const url = apiUrl(client?.baseURL, path);
  const provider = providerOf(url, otherwise);
  return { operation, provider, model, ...(url !== undefined && { url }), attributes };
}

const parameters = (params: Fields): Attributes =>
  known({
    'gen_ai.request.temperature': params['temperature'],
    'gen_ai.request.top_p': params['top_p'],
    'gen_ai.request.stream': params['stream'] === true ? true : undefined,
  });

/** Returns what answers of chat and of text completions say: id, model and numbers of tokens. */
function chatUsage({ id, model, usage, x_groq: groq }: Fields): Attributes {
  // A stream of Groq has them here, without having been asked for them.
  const { usage: ofStream } = (groq ?? {}) as Fields;
  const { prompt_tokens, completion_tokens } = (usage ?? ofStream ?? {}) as Fields;
  return known({
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.usage.input_tokens': prompt_tokens,
    'gen_ai.usage.output_tokens': completion_tokens,
  });
}

const chat =
  (content: Content) =>
  (endpoint: Endpoint): MethodFacts => ({
    request: (params, client) =>
      requestOf('chat', endpoint, params, client, {
        ...parameters(params),
        ...known({
          'gen_ai.request.max_tokens': params['max_completion_tokens'] ?? params['max_tokens'],
        }),
        ...content('gen_ai.input.messages', params['messages']),
      }),
    response: (result) => ({
      ...chatUsage(result),
      ...finishReasons(result),
      ...content('gen_ai.output.messages', choicesOf(result).map(messageOf)),
    }),
    chunk: (item) => ({ ...chatUsage(item), ...finishReasons(item) }),
  });

const messageOf = ({ message }: Fields): unknown => message;

function choicesOf({ choices }: Fields): readonly Fields[] {
  return Array.isArray(choices) ? (choices as Fields[]) : [];
}

function finishReasons(result: Fields): Attributes {
  const reasons = choicesOf(result).flatMap(({ finish_reason: reason }) =>
    typeof reason === 'string' ? [reason] : [],
  );
  return reasons.length === 0 ? {} : { 'gen_ai.response.finish_reasons': reasons };
}

const responses =
  (content: Content) =>
  (endpoint: Endpoint): MethodFacts => {
    const answer = ({ id, model, usage, status, output }: Fields): Attributes => {
      const { input_tokens, output_tokens } = (usage ?? {}) as Fields;
      return {
        ...known({
          'gen_ai.response.id': id,
          'gen_ai.response.model': model,
          'gen_ai.response.finish_reasons': typeof status === 'string' ? [status] : undefined,
          'gen_ai.usage.input_tokens': input_tokens,
          'gen_ai.usage.output_tokens': output_tokens,
        }),
        ...content('gen_ai.output.messages', output),
      };
    };
    return {
      request: (params, client) =>
        requestOf('chat', endpoint, params, client, {
          ...parameters(params),
          ...known({ 'gen_ai.request.max_tokens': params['max_output_tokens'] }),
          ...content('gen_ai.system_instructions', params['instructions']),
          ...content('gen_ai.input.messages', params['input']),
        }),
      response: answer,
      chunk: ({ response }) => answer((response ?? {}) as Fields),
    };
  };

/** Completions of a text, the API before chat. */
const text = (endpoint: Endpoint): MethodFacts => ({
  request: (params, client) =>
    requestOf('text_completion', endpoint, params, client, {
      ...parameters(params),
      ...known({ 'gen_ai.request.max_tokens': params['max_tokens'] }),
    }),
  response: (result) => ({ ...chatUsage(result), ...finishReasons(result) }),
  chunk: (item) => ({ ...chatUsage(item), ...finishReasons(item) }),
});

/** Returns the facts of a method for images and audio, whose content is never recorded. */
function media(endpoint: Endpoint): MethodFacts {
  const usageOf = ({ usage }: Fields): Attributes => {
    const { input_tokens, output_tokens } = (usage ?? {}) as Fields;
    return known({
      'gen_ai.usage.input_tokens': input_tokens,
      'gen_ai.usage.output_tokens': output_tokens,
    });
  };
  return {
    request: (params, client) => requestOf('generate_content', endpoint, params, client, {}),
    response: usageOf,
    chunk: usageOf,
  };
}

const embeddings = (endpoint: Endpoint): MethodFacts => ({
  request: (params, client) => requestOf('embeddings', endpoint, params, client, {}),
  response: ({ model, usage }) =>
    known({
      'gen_ai.response.model': model,
      'gen_ai.usage.input_tokens': ((usage ?? {}) as Fields)['prompt_tokens'],
    }),
  chunk: () => ({}),
});
