import type { Attributes } from '@opentelemetry/api';
import { Hook } from './hooks.ts';
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

/**
 * Traces calls of models by the OpenAI client: chat completions, responses, embeddings, images and audio.
 *
 * Upstream's instrumentation reads the body of every response, so that `asResponse()` no longer works,
 * and records prompts as log events only.
 */
export class OpenAIInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    this.#hook = new Hook([NAME], {}, (exports) => {
      const { OpenAI } = exports as { readonly OpenAI?: OpenAIClass };
      const content = contentAttribute(messageContent);
      traceMethod(NAME, OpenAI?.Chat?.Completions?.prototype, 'create', chat(content));
      traceMethod(NAME, OpenAI?.Responses?.prototype, 'create', responses(content));
      traceMethod(NAME, OpenAI?.Embeddings?.prototype, 'create', EMBEDDINGS);
      traceMethod(NAME, OpenAI?.Completions?.prototype, 'create', TEXT);
      traceMethod(NAME, OpenAI?.Images?.prototype, 'generate', media('/images/generations'));
      traceMethod(NAME, OpenAI?.Images?.prototype, 'edit', media('/images/edits'));
      for (const { name, method, path } of AUDIO) {
        traceMethod(NAME, OpenAI?.Audio?.[name]?.prototype, method, media(path));
      }
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

type Content = ReturnType<typeof contentAttribute>;

function requestOf(
  operation: string,
  path: string,
  { model }: Fields,
  client: ApiClient | undefined,
  attributes: Attributes,
): ModelRequest {
  const url = apiUrl(client?.baseURL, path);
  const provider = providerOf(url);
  return { operation, provider, model, ...(url !== undefined && { url }), attributes };
}

const parameters = (params: Fields): Attributes =>
  known({
    'gen_ai.request.temperature': params['temperature'],
    'gen_ai.request.top_p': params['top_p'],
    'gen_ai.request.stream': params['stream'] === true ? true : undefined,
  });

/** Returns what answers of chat and of text completions say: id, model and numbers of tokens. */
function chatUsage({ id, model, usage }: Fields): Attributes {
  const { prompt_tokens, completion_tokens } = (usage ?? {}) as Fields;
  return known({
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.usage.input_tokens': prompt_tokens,
    'gen_ai.usage.output_tokens': completion_tokens,
  });
}

const chat = (content: Content): MethodFacts => {
  return {
    request: (params, client) =>
      requestOf('chat', '/chat/completions', params, client, {
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
  };
};

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

const responses = (content: Content): MethodFacts => {
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
      requestOf('chat', '/responses', params, client, {
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
const TEXT: MethodFacts = {
  request: (params, client) =>
    requestOf('text_completion', '/completions', params, client, {
      ...parameters(params),
      ...known({ 'gen_ai.request.max_tokens': params['max_tokens'] }),
    }),
  response: (result) => ({ ...chatUsage(result), ...finishReasons(result) }),
  chunk: (item) => ({ ...chatUsage(item), ...finishReasons(item) }),
};

const AUDIO = [
  { name: 'Speech', method: 'create', path: '/audio/speech' },
  { name: 'Transcriptions', method: 'create', path: '/audio/transcriptions' },
  { name: 'Translations', method: 'create', path: '/audio/translations' },
] as const;

/** Returns the facts of a method for images and audio, whose content is never recorded. */
function media(path: string): MethodFacts {
  const usageOf = ({ usage }: Fields): Attributes => {
    const { input_tokens, output_tokens } = (usage ?? {}) as Fields;
    return known({
      'gen_ai.usage.input_tokens': input_tokens,
      'gen_ai.usage.output_tokens': output_tokens,
    });
  };
  return {
    request: (params, client) => requestOf('generate_content', path, params, client, {}),
    response: usageOf,
    chunk: usageOf,
  };
}

const EMBEDDINGS: MethodFacts = {
  request: (params, client) => requestOf('embeddings', '/embeddings', params, client, {}),
  response: ({ model, usage }) =>
    known({
      'gen_ai.response.model': model,
      'gen_ai.usage.input_tokens': ((usage ?? {}) as Fields)['prompt_tokens'],
    }),
  chunk: () => ({}),
};
