/**
 * Attributes of model calls that are annotations by default, and the names of these annotations
 * (docs/spec/translation.md section 8.11, B-53). Below the first three are old names, and those of the
 * AI SDK up to version 6, whose spans of embeddings have no others.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */
export const MODEL_ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ['gen_ai.request.model', 'gen_ai.request.model'],
  ['gen_ai.usage.input_tokens', 'gen_ai.usage.input_tokens'],
  ['gen_ai.usage.output_tokens', 'gen_ai.usage.output_tokens'],
  ['gen_ai.usage.prompt_tokens', 'gen_ai.usage.input_tokens'],
  ['gen_ai.usage.completion_tokens', 'gen_ai.usage.output_tokens'],
  ['ai.model.id', 'gen_ai.request.model'],
  ['ai.usage.tokens', 'gen_ai.usage.input_tokens'],
]);

/** Names, or with a dot at the end beginnings of names, of attributes with prompts and answers. */
const CONTENT: Readonly<Record<string, readonly string[]>> = {
  'OpenTelemetry, also older conventions': [
    'gen_ai.input.messages',
    'gen_ai.output.messages',
    'gen_ai.system_instructions',
    'gen_ai.tool.definitions',
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
    'gen_ai.retrieval.query.text',
    'gen_ai.retrieval.documents',
    'gen_ai.event.content',
    'gen_ai.prompt',
    'gen_ai.prompt.',
    'gen_ai.completion',
    'gen_ai.completion.',
  ],
  'AI SDK': [
    'ai.prompt',
    'ai.prompt.',
    'ai.response.text',
    'ai.response.reasoning',
    'ai.response.object',
    'ai.response.toolCalls',
    'ai.response.files',
    'ai.response.providerMetadata',
    'ai.request.text',
    'ai.result.',
    'ai.toolCall.args',
    'ai.toolCall.result',
    'ai.schema',
    'ai.schema.description',
    'ai.decision.',
    'ai.value',
    'ai.values',
    'ai.embedding',
    'ai.embeddings',
    'ai.documents',
    'ai.query',
    'ai.ranking',
  ],
  OpenLLMetry: [
    'traceloop.entity.input',
    'traceloop.entity.output',
    'llm.prompts.',
    'llm.completions.',
  ],
  OpenInference: [
    'input.value',
    'output.value',
    'llm.input_messages',
    'llm.input_messages.',
    'llm.output_messages',
    'llm.output_messages.',
    'llm.prompt_template.',
    'llm.prompts',
    'retrieval.documents',
    'retrieval.documents.',
  ],
};

const NAMES: ReadonlySet<string> = new Set(Object.values(CONTENT).flat());
const PREFIXES: readonly string[] = [...NAMES].filter((name) => name.endsWith('.'));

/** Returns whether an attribute contains a prompt, an answer, or the input or output of a tool. */
export function isModelContent(name: string): boolean {
  return NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Events whose attributes are all content, whatever their names are. */
const CONTENT_EVENT =
  /^gen_ai\.(?:content\.(?:prompt|completion)|(?:system|user|assistant|tool)\.message|choice)$/;

/** Returns whether an event is a prompt or an answer. */
export function isModelContentEvent(name: string): boolean {
  return CONTENT_EVENT.test(name);
}
