import type { AwsRequest } from './aws-call.ts';
import { safeStream } from './safe-stream.ts';

const NAME = 'aws-sdk';
const MODEL_CALLS: ReadonlySet<string> = new Set(['InvokeModel', 'InvokeModelWithResponseStream']);

/** Calls whose result contains a stream → name of the field with the stream. */
const STREAMS: Readonly<Record<string, string>> = {
  ConverseStream: 'stream',
  InvokeModelWithResponseStream: 'body',
};

/** Returns whether a call carries a body in the format of a model, which upstream reads as JSON. */
export function isModelCall({ serviceName, commandName }: AwsRequest): boolean {
  return serviceName === 'BedrockRuntime' && MODEL_CALLS.has(commandName);
}

/**
 * Returns upstream's request metadata for a call of a model. A body of bytes is passed as text. A
 * body that is not the JSON of a known model is omitted, so that at least the model is recorded.
 */
export function invokeModelMetadata<Metadata>(
  request: AwsRequest,
  ask: (request: AwsRequest) => Metadata,
): Metadata {
  const input = request.commandInput as { readonly body?: unknown };
  const withBody = (body: unknown): AwsRequest => ({
    ...request,
    commandInput: { ...input, body },
  });
  try {
    return ask(withBody(textOf(input.body)));
  } catch {
    return ask(withBody(undefined));
  }
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return undefined;
}

/** Returns the name of the field of a result that holds a stream; `undefined` if there is none. */
export function streamOfCall(
  { serviceName, commandName }: AwsRequest,
  output: unknown,
): string | undefined {
  if (serviceName !== 'BedrockRuntime' || !Object.hasOwn(STREAMS, commandName)) return undefined;
  const field = STREAMS[commandName] as string;
  const stream = (output as Readonly<Record<string, Partial<AsyncIterable<unknown>>>>)?.[field];
  return typeof stream?.[Symbol.asyncIterator] === 'function' ? field : undefined;
}

/**
 * Lets upstream replace the stream in a result.
 *
 * @param wrap changes the given result or returns a new one; upstream does either
 * @returns a new result, or `undefined` if upstream leaves the stream alone
 */
export function withSafeStream(
  output: object,
  field: string,
  wrap: (data: object) => unknown,
): object | undefined {
  type Result = Readonly<Record<string, AsyncIterable<unknown>>>;
  const source = (output as Result)[field] as AsyncIterable<unknown>;
  let isWrapped = false;
  const stream = safeStream(NAME, source, (given) => {
    const data = { ...output, [field]: given };
    const returned = wrap(data);
    // One of the two functions is async, and has changed `data` when it returns.
    if (returned instanceof Promise) returned.catch(() => {});
    const result = (returned instanceof Promise ? data : (returned ?? data)) as Result;
    isWrapped = result[field] !== given;
    return result[field] as AsyncIterable<unknown>;
  });
  return isWrapped ? { ...output, [field]: stream } : undefined;
}
