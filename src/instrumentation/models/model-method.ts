import { type Attributes, context } from '@opentelemetry/api';
import { ModelCall, type ModelRequest, watchedIterator } from './model-call.ts';

export type Fields = Readonly<Record<string, unknown>>;

export type ModelMethod<Client> = (
  this: Client,
  params: Fields,
  ...rest: unknown[]
) => Promise<unknown>;

/** What a method that makes one request says of its calls. */
export interface ModelMethodFacts<Client> {
  request(params: Fields, client: Client): ModelRequest;
  /** Attributes of an answer, or of one item of a stream; later ones replace earlier ones. */
  answer(result: Fields, isItem: boolean): Attributes;
  /** Returns what holds the answer in what the method returns, which is itself by default. */
  bodyOf?(result: unknown): unknown;
  /** Returns whether the app aborted a call; by default, whether the error says so. */
  isAborted?(error: unknown, params: Fields, ...rest: readonly unknown[]): boolean;
}

/** Returns a function that replaces a method of a client by one that records a span, streams to their end. */
export function tracedMethod<Client>(
  instrumentation: string,
  facts: ModelMethodFacts<Client>,
): (original: ModelMethod<Client>) => ModelMethod<Client> {
  const { bodyOf = (result: unknown) => result } = facts;
  return (original) =>
    async function (this: Client, params, ...rest): Promise<unknown> {
      const run = (): Promise<unknown> => original.call(this, params, ...rest);
      const call = ModelCall.start(instrumentation, () => facts.request(params ?? {}, this));
      if (call === undefined) return run();
      let result: unknown;
      try {
        result = await context.with(call.context, run);
      } catch (error) {
        call.fail(error, facts.isAborted?.(error, params, ...rest));
        throw error;
      }
      const see = (isItem: boolean, part: unknown): void =>
        call.set(() => facts.answer((part ?? {}) as Fields, isItem));
      const body = bodyOf(result);
      if (isIterator(body)) return watchedIterator(body, call, (item) => see(true, item));
      if (isStream(body)) watchStream(body, call, (item) => see(true, item));
      else {
        see(false, body);
        call.end();
      }
      return result;
    };
}

function isIterator(value: unknown): value is AsyncIterator<unknown> {
  return typeof (value as Partial<AsyncIterator<unknown>> | null | undefined)?.next === 'function';
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  const { [Symbol.asyncIterator]: iterate } = Object(value) as Partial<AsyncIterable<unknown>>;
  return typeof iterate === 'function';
}

/** Other ways to read a `ReadableStream`, of which a call sees nothing. */
const OTHER_WAYS = ['getReader', 'pipeTo', 'pipeThrough', 'tee'] as const;

/**
 * Watches an iterable that has methods of its own. If the app reads it in another way, the call ends when it
 * begins to.
 */
function watchStream(
  stream: AsyncIterable<unknown>,
  call: ModelCall,
  onItem: (item: unknown) => void,
): void {
  const iterate = stream[Symbol.asyncIterator];
  Object.defineProperty(stream, Symbol.asyncIterator, {
    configurable: true,
    writable: true,
    value: () => watchedIterator(iterate.call(stream), call, onItem),
  });
  for (const name of OTHER_WAYS) {
    const read = (stream as unknown as Fields)[name];
    if (typeof read !== 'function') continue;
    const value = (...args: unknown[]): unknown => {
      call.end();
      return read.apply(stream, args);
    };
    Object.defineProperty(stream, name, { configurable: true, writable: true, value });
  }
}
