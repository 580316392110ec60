import type { Attributes } from '@opentelemetry/api';
import { contentAttribute } from '../models/model-content.ts';
import type { AwsRequest, AwsResponse } from './aws-call.ts';

/** Fields of the inputs and results of the calls of Amazon Bedrock that have prompts or answers. */
interface Content {
  readonly system?: unknown;
  readonly messages?: unknown;
  readonly output?: { readonly message?: unknown };
  /** Of `InvokeModel`: JSON in the format of the model, as text or bytes. */
  readonly body?: unknown;
}

const content = contentAttribute(true);

/** Returns the prompt of a call of a model; no attributes for any other call. */
export function promptOf({ serviceName, commandInput }: AwsRequest): Attributes {
  if (serviceName !== 'BedrockRuntime') return {};
  const { system, messages, body } = (commandInput ?? {}) as Content;
  return {
    ...content('gen_ai.system_instructions', json(system)),
    ...content('gen_ai.input.messages', json(messages) ?? textOf(body)),
  };
}

/** Returns the answer to a call of a model, unless it is a stream. */
export function answerOf({ request, data }: AwsResponse): Attributes {
  if (request.serviceName !== 'BedrockRuntime') return {};
  const { output, body } = (data ?? {}) as Content;
  const { message } = output ?? {};
  return content('gen_ai.output.messages', json(message && [message]) ?? textOf(body));
}

/** Images and documents are left out: their bytes would be a number each. */
function json(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Uint8Array ? `${part.length} bytes` : part,
  );
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined;
}
