import { URL } from 'node:url';

/** Hosts of APIs that are compatible with the one of OpenAI, and their names in the semantic conventions. */
const PROVIDERS: readonly (readonly [host: string, name: string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['models.ai.azure.com', 'azure.ai.inference'],
  ['amazonaws.com', 'aws.bedrock'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['api.anthropic.com', 'anthropic'],
  ['api.cohere.ai', 'cohere'],
  ['api.cohere.com', 'cohere'],
  ['api.deepseek.com', 'deepseek'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.x.ai', 'x_ai'],
  ['api.fireworks.ai', 'fireworks'],
  ['api.together.xyz', 'together'],
  ['api.together.ai', 'together'],
  ['api.cerebras.ai', 'cerebras'],
  ['openrouter.ai', 'openrouter'],
];

/**
 * Returns the provider of an API that the client of OpenAI calls, or one of the same form.
 *
 * @param otherwise for other hosts
 */
export function providerOf(url: string | undefined, otherwise = 'openai'): string {
  if (url === undefined || !URL.canParse(url)) return otherwise;
  const { hostname, port } = new URL(url);
  const [, name] =
    PROVIDERS.find(
      ([host]) =>
        hostname === host || hostname.endsWith(`.${host}`) || hostname.endsWith(`-${host}`),
    ) ?? [];
  // The port that Ollama listens on by default.
  return name ?? (port === '11434' ? 'ollama' : otherwise);
}
