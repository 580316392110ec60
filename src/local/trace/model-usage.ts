import { asNumber, asObject, asText, type JsonObject } from '../json.ts';
import type { Entity } from './entity.ts';

/** What a call of a model used. */
export interface ModelUsage {
  readonly model: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** Annotations with dots, as they are, and with underscores (`OTEL_XRAY_ANNOTATION_DOTS=false`). */
const KEYS = {
  model: ['gen_ai.request.model', 'gen_ai_request_model'],
  inputTokens: ['gen_ai.usage.input_tokens', 'gen_ai_usage_input_tokens'],
  outputTokens: ['gen_ai.usage.output_tokens', 'gen_ai_usage_output_tokens'],
} as const;

/** Returns model and tokens of a call; `undefined` if a document is not of a model's call. */
export function modelUsage(record: JsonObject): ModelUsage | undefined {
  const annotations = asObject(record['annotations']);
  if (annotations === undefined) return undefined;
  const value = (key: keyof typeof KEYS): unknown =>
    annotations[KEYS[key].find((name) => name in annotations) ?? ''];
  const usage = {
    model: asText(value('model')),
    inputTokens: asNumber(value('inputTokens')),
    outputTokens: asNumber(value('outputTokens')),
  };
  return Object.values(usage).some((part) => part !== undefined) ? usage : undefined;
}

/** Formats model and tokens: `gpt-5, 9 tokens in, 3 out`. */
export function modelText(record: JsonObject): string {
  const { model, inputTokens, outputTokens } = modelUsage(record) ?? {};
  return [model, tokensText(inputTokens, outputTokens)].filter(Boolean).join(', ');
}

/** Formats tokens: `9 tokens in, 3 out`; empty if none are known. */
export function tokensText(input: number | undefined, output: number | undefined): string {
  return [
    input === undefined ? '' : `${input} tokens in`,
    output === undefined ? '' : `${output}${input === undefined ? ' tokens' : ''} out`,
  ]
    .filter(Boolean)
    .join(', ');
}

/**
 * Sums the tokens of calls of models. A span around such calls, for example of an agent, may have the
 * sum of theirs, which does not count again.
 */
export function tokenSums(entities: readonly Entity[]): {
  readonly input: number;
  readonly output: number;
} {
  let input = 0;
  let output = 0;
  for (const entity of entities) {
    const below = tokenSums([...entity.children, ...entity.downstream]);
    const own = modelUsage(entity.record);
    const isSum = below.input + below.output > 0;
    input += isSum ? below.input : (own?.inputTokens ?? 0);
    output += isSum ? below.output : (own?.outputTokens ?? 0);
  }
  return { input, output };
}
