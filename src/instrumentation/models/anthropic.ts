import type { Attributes } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { apiUrl, known } from './model-call.ts';
import { contentAttribute } from './model-content.ts';
import { type ApiClient, type Fields, type MethodFacts, traceMethod } from './stainless-calls.ts';

const NAME = '@anthropic-ai/sdk';

interface AnthropicClass {
  readonly prototype: object;
  readonly Messages?: { readonly prototype: object };
}

interface Config {
  /** Whether prompts and answers are recorded. */
  readonly messageContent?: boolean;
}

/** Traces messages of Anthropic's client. Later versions create OpenTelemetry spans themselves. */
export class AnthropicInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    this.#hook = new Hook([NAME], {}, (exports) => {
      const { Anthropic } = exports as { readonly Anthropic?: AnthropicClass };
      if (Anthropic === undefined || 'openTelemetry' in Anthropic.prototype) return exports;
      traceMethod('anthropic', Anthropic.Messages?.prototype, 'create', messages(messageContent));
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

const messages = (messageContent: boolean): MethodFacts => {
  const content = contentAttribute(messageContent);
  return {
    request: (params, client) => ({
      operation: 'chat',
      provider: 'anthropic',
      model: params['model'],
      ...urlOf(client),
      attributes: {
        ...known({
          'gen_ai.request.max_tokens': params['max_tokens'],
          'gen_ai.request.temperature': params['temperature'],
          'gen_ai.request.top_p': params['top_p'],
          'gen_ai.request.top_k': params['top_k'],
          'gen_ai.request.stream': params['stream'] === true ? true : undefined,
        }),
        ...content('gen_ai.system_instructions', params['system']),
        ...content('gen_ai.input.messages', params['messages']),
      },
    }),
    response: (result) => ({
      ...answerOf(result),
      ...content('gen_ai.output.messages', result['content']),
    }),
    // The first event has the message, one at the end has the reason and the final usage.
    chunk: ({ message, delta, usage }) => ({
      ...(message === undefined ? {} : answerOf(message as Fields)),
      ...answerOf({ ...(delta as Fields | undefined), ...(usage === undefined ? {} : { usage }) }),
    }),
  };
};

function urlOf(client: ApiClient | undefined): { readonly url?: string } {
  const url = apiUrl(client?.baseURL, '/v1/messages');
  return url === undefined ? {} : { url };
}

function answerOf({ id, model, stop_reason: reason, usage }: Fields): Attributes {
  const { input_tokens, output_tokens, ...cache } = (usage ?? {}) as Fields;
  return known({
    'gen_ai.response.id': id,
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': typeof reason === 'string' ? [reason] : undefined,
    'gen_ai.usage.input_tokens': input_tokens,
    'gen_ai.usage.output_tokens': output_tokens,
    'gen_ai.usage.cache_read.input_tokens': cache['cache_read_input_tokens'],
    'gen_ai.usage.cache_creation.input_tokens': cache['cache_creation_input_tokens'],
  });
}
