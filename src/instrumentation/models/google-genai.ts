import type { Attributes } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { isAbort } from '../spans/model-error-kinds.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { known, type ModelRequest } from './model-call.ts';
import { contentAttribute } from './model-content.ts';
import { type Fields, type ModelMethod, tracedMethod } from './model-method.ts';

const PACKAGE = '@google/genai';
const NAME = 'google-genai';

type Method = ModelMethod<Models>;

/** The methods that make one request each; the public ones call them, also for each round of tool calls. */
interface Models {
  readonly apiClient?: { isVertexAI?(): boolean };
  generateContentInternal?: Method;
  generateContentStreamInternal?: Method;
  embedContentInternal?: Method;
  generateImagesInternal?: Method;
}

interface Config {
  /** Whether prompts and answers are recorded. */
  readonly messageContent?: boolean;
}

/** Traces calls of models by the client of Gemini and Vertex AI. */
export class GoogleGenAIInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    const content = contentAttribute(messageContent);
    this.#hook = new Hook([PACKAGE], {}, (exports) => {
      const { Models } = exports as { readonly Models?: { readonly prototype: Models } };
      if (Models === undefined) return exports;
      const generate = traced('generate_content', content);
      wrapMethods(Models.prototype, {
        generateContentInternal: generate,
        generateContentStreamInternal: generate,
        embedContentInternal: traced('embeddings', content),
        generateImagesInternal: traced('generate_content', content),
      });
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

type Content = ReturnType<typeof contentAttribute>;

const traced = (operation: string, content: Content): ((original: Method) => Method) =>
  tracedMethod<Models>(NAME, {
    request: (params, client) => requestOf(operation, params, client, content),
    answer: (result, isItem) => answerOf(result, isItem ? undefined : content),
    // The client also aborts the request when its timeout is over.
    isAborted: (error, params) => isAbort(error) && isAbortedByApp(params),
  });

function isAbortedByApp({ config }: Fields): boolean {
  const { abortSignal } = (config ?? {}) as { readonly abortSignal?: AbortSignal };
  return abortSignal?.aborted === true;
}

function requestOf(
  operation: string,
  { model, contents, prompt, config }: Fields,
  { apiClient }: Models,
  content: Content,
): ModelRequest {
  const { temperature, topP, topK, maxOutputTokens, systemInstruction } = (config ?? {}) as Fields;
  return {
    operation,
    provider: apiClient?.isVertexAI?.() ? 'gcp.vertex_ai' : 'gcp.gemini',
    model,
    attributes: {
      ...known({
        'gen_ai.request.temperature': temperature,
        'gen_ai.request.top_p': topP,
        'gen_ai.request.top_k': topK,
        'gen_ai.request.max_tokens': maxOutputTokens,
      }),
      ...content('gen_ai.system_instructions', systemInstruction),
      ...content('gen_ai.input.messages', contents ?? prompt),
    },
  };
}

/** @param content `undefined` for a part of an answer */
function answerOf(
  { responseId, modelVersion, usageMetadata, candidates }: Fields,
  content: Content | undefined,
): Attributes {
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount } =
    (usageMetadata ?? {}) as Readonly<Record<string, number | undefined>>;
  const choices = Array.isArray(candidates) ? (candidates as Fields[]) : [];
  const reasons = choices.flatMap(({ finishReason: reason }) =>
    typeof reason === 'string' ? [reason] : [],
  );
  const hasOutput = candidatesTokenCount !== undefined || thoughtsTokenCount !== undefined;
  return {
    ...known({
      'gen_ai.response.id': responseId,
      'gen_ai.response.model': modelVersion,
      'gen_ai.response.finish_reasons': reasons.length === 0 ? undefined : reasons,
      'gen_ai.usage.input_tokens': promptTokenCount,
      'gen_ai.usage.output_tokens': hasOutput
        ? (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0)
        : undefined,
      'gen_ai.usage.cache_read.input_tokens': cachedContentTokenCount,
    }),
    ...(choices.length > 0 &&
      content?.(
        'gen_ai.output.messages',
        choices.map((choice) => choice['content']),
      )),
  };
}
