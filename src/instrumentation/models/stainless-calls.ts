import { type Attributes, context } from '@opentelemetry/api';
import { attempt } from '../wrap/guard.ts';
import { ModelCall, type ModelRequest, watchedIterator } from './model-call.ts';

/** What a method of a client says of its calls. */
export interface MethodFacts {
  request(params: Fields, client: ApiClient | undefined): ModelRequest;
  /** Attributes of an answer that is not a stream. */
  response(result: Fields): Attributes;
  /** Attributes of one item of a stream; later ones replace earlier ones. */
  chunk(item: Fields): Attributes;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface ApiClient {
  readonly baseURL?: unknown;
}

type Create = (this: Resource, ...args: unknown[]) => unknown;
interface Resource {
  readonly _client?: ApiClient;
}

/** What a method returns: a promise that reads the body of the response when it is first awaited. */
interface ApiPromise {
  responsePromise: Promise<Answer>;
  parseResponse: (...args: unknown[]) => unknown;
  /** Returns a promise of the same request, whose result is transformed. */
  _thenUnwrap?: (transform: Transform) => ApiPromise;
}

type Transform = (result: unknown, ...more: unknown[]) => unknown;

interface Answer {
  readonly response?: ApiResponse;
}

interface ApiResponse {
  readonly status?: unknown;
  readonly url?: unknown;
}

/** A stream of events. */
interface EventStream {
  iterator: () => AsyncIterator<unknown>;
  /** The library aborts it as well, if the app leaves the loop. */
  readonly controller?: AbortController;
}

/**
 * Replaces a method of an API client that Stainless generated, such as those of OpenAI and Anthropic,
 * by one that records a span.
 *
 * The promise that the method returns reads the body of the response only if the app awaits it. So
 * that `asResponse()` still works, the span is fed by the promise's own steps.
 */
export function traceMethod(
  instrumentation: string,
  prototype: object | undefined,
  name: string,
  facts: MethodFacts,
): void {
  const original = (prototype as Record<string, unknown> | undefined)?.[name] as Create | undefined;
  if (prototype === undefined || typeof original !== 'function') return;
  const replacement = {
    [name](this: Resource, ...args: unknown[]): unknown {
      const call = ModelCall.start(instrumentation, () =>
        facts.request((args[0] ?? {}) as Fields, this._client),
      );
      if (call === undefined) return original.apply(this, args);
      let promise: unknown;
      try {
        promise = context.with(call.context, () => original.apply(this, args));
      } catch (error) {
        call.fail(error);
        throw error;
      }
      attempt(instrumentation, () => watchPromise(promise as ApiPromise, call, facts));
      return promise;
    },
  };
  (prototype as Record<string, unknown>)[name] = replacement[name];
}

/** @param state shared by the promises of one request: whether one of them reads the body */
function watchPromise(
  promise: ApiPromise,
  call: ModelCall,
  facts: MethodFacts,
  state = { isParsed: false },
): void {
  const { responsePromise, parseResponse, _thenUnwrap: thenUnwrap } = promise;
  if (!(responsePromise instanceof Promise) || typeof parseResponse !== 'function') {
    call.end();
    return;
  }
  watchResponse(promise, call, state);
  const see = (result: unknown): void => {
    if (!isStream(result)) call.set(() => facts.response((result ?? {}) as Fields));
  };
  promise.parseResponse = async (...args) => {
    state.isParsed = true;
    let result: unknown;
    try {
      result = await parseResponse.apply(promise, args);
    } catch (error) {
      call.fail(error);
      throw error;
    }
    see(result);
    if (isStream(result)) watchStream(result, call, facts);
    else call.end();
    return result;
  };
  // One of its own does not use the properties above, as in version 7 of `openai`.
  if (Object.hasOwn(promise, '_thenUnwrap') && thenUnwrap !== undefined) {
    promise._thenUnwrap = (transform) => {
      const derived = thenUnwrap.call(promise, (result, ...more) => {
        see(result);
        return transform(result, ...more);
      });
      attempt(call.instrumentation, () => watchPromise(derived, call, facts, state));
      return derived;
    };
  }
}

/**
 * Watches the response once the library reads the property. If it never does, nobody handles the
 * rejection of a promise of ours.
 */
function watchResponse(promise: ApiPromise, call: ModelCall, state: { isParsed: boolean }): void {
  let { responsePromise } = promise;
  let isWatched = false;
  const watch = (): Promise<Answer> =>
    responsePromise.then(
      (answer) => {
        call.set(() => statusOf(answer));
        // Whoever wants the content has asked for it by then.
        setImmediate(() => {
          if (!state.isParsed) call.end();
        });
        return answer;
      },
      (error: unknown) => {
        call.fail(error);
        throw error;
      },
    );
  Object.defineProperty(promise, 'responsePromise', {
    configurable: true,
    enumerable: true,
    get() {
      if (!isWatched) responsePromise = watch();
      isWatched = true;
      return responsePromise;
    },
    set(other: Promise<Answer>) {
      isWatched = true;
      responsePromise = other;
    },
  });
}

function statusOf({ response }: { readonly response?: ApiResponse }): Attributes {
  const { status, url } = response ?? {};
  return {
    ...(typeof status === 'number' && { 'http.response.status_code': status }),
    // Clients of Azure choose the address by the model.
    ...(typeof url === 'string' && url !== '' && { 'url.full': url }),
  };
}

function isStream(value: unknown): value is EventStream {
  return typeof (value as Partial<EventStream> | null | undefined)?.iterator === 'function';
}

function watchStream(stream: EventStream, call: ModelCall, { chunk }: MethodFacts): void {
  const { iterator } = stream;
  const see = (item: unknown): void => call.set(() => chunk((item ?? {}) as Fields));
  stream.iterator = () =>
    watchedIterator(
      iterator.call(stream),
      call,
      see,
      () => stream.controller?.signal.aborted === true,
    );
}
