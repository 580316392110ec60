import { SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ModelCall, watchedIterator } from '../../../src/instrumentation/models/model-call.ts';
import {
  type MethodFacts,
  traceMethod,
} from '../../../src/instrumentation/models/stainless-calls.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const ERROR = Object.assign(new RangeError('no such model'), { status: 404 });
const RESPONSE = { status: 200, url: 'http://api.test/v1/chat' };

/** The promise of these clients, whose body is read once and only if it is awaited. */
class ApiPromise<T> extends Promise<T> {
  static reads = 0;
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
  responsePromise: Promise<{ response: typeof RESPONSE }>;
  parseResponse: (...args: unknown[]) => unknown;
  constructor(failure: 'request' | 'body' | undefined, result: unknown) {
    super((resolve) => resolve(undefined as T));
    this.responsePromise =
      failure === 'request' ? Promise.reject(ERROR) : Promise.resolve({ response: RESPONSE });
    this.parseResponse = () => {
      ApiPromise.reads += 1;
      if (failure === 'body') throw ERROR;
      return result;
    };
  }
  // biome-ignore lint/suspicious/noThenProperty: as these clients do
  override then(...handlers: Parameters<Promise<T>['then']>): Promise<never> {
    const { parseResponse } = this;
    return this.responsePromise.then(parseResponse).then(...(handlers as [])) as Promise<never>;
  }
  asResponse(): Promise<typeof RESPONSE> {
    return this.responsePromise.then(({ response }) => response);
  }
}

const FACTS: MethodFacts = {
  request: ({ model }) => {
    if (model === 'unreadable') throw new TypeError('bug of ours');
    return { operation: 'chat', provider: 'test', model, url: 'http://api.test/v1' };
  },
  response: ({ tokens }) => ({ 'gen_ai.usage.output_tokens': tokens as number }),
  chunk: ({ tokens }) => ({ 'gen_ai.usage.output_tokens': tokens as number }),
};

class Resource {
  readonly outcome: () => unknown;
  constructor(outcome: () => unknown) {
    this.outcome = outcome;
  }
  create(_params: object): unknown {
    return this.outcome();
  }
}
traceMethod('test', Resource.prototype, 'create', FACTS);

const create = (outcome: () => unknown, model = 'm'): ApiPromise<Record<string, unknown>> =>
  new Resource(outcome).create({ model }) as ApiPromise<Record<string, unknown>>;

/** The spans that have ended after the next turn of the event loop. */
async function spans() {
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return tracing
    .spans()
    .map(({ name, attributes, status }) => [
      name,
      attributes['http.response.status_code'],
      attributes['gen_ai.usage.output_tokens'],
      status.message,
    ]);
}

test('an awaited call is a span with its tokens; the body is read once', async () => {
  const promise = create(() => new ApiPromise(undefined, { tokens: 3 }));
  ApiPromise.reads = 0;
  expect(await promise).toEqual({ tokens: 3 });
  expect(ApiPromise.reads).toBe(1);
  expect(await spans()).toEqual([['chat m', 200, 3, undefined]]);
});

test('a call of which the app reads only the response does not read the body', async () => {
  const promise = create(() => new ApiPromise(undefined, { tokens: 3 }));
  ApiPromise.reads = 0;
  expect(await promise.asResponse()).toBe(RESPONSE);
  expect(await spans()).toEqual([['chat m', 200, undefined, undefined]]);
  expect(ApiPromise.reads).toBe(0);
});

test.each(['request', 'body'] as const)('a failed %s is recorded and passed on', async (part) => {
  await expect(create(() => new ApiPromise(part, undefined))).rejects.toBe(ERROR);
  expect(await spans()).toEqual([['chat m', 404, undefined, 'no such model']]);
});

test('an error that the method throws is recorded and passed on', async () => {
  const run = (): unknown =>
    create(() => {
      throw ERROR;
    });
  expect(run).toThrow(ERROR);
  expect(await spans()).toEqual([['chat m', 404, undefined, 'no such model']]);
});

test('a request that cannot be described is made without a span', async () => {
  const promise = create(() => new ApiPromise(undefined, { tokens: 3 }), 'unreadable');
  expect(await promise).toEqual({ tokens: 3 });
  expect(await spans()).toEqual([]);
});

describe('a promise that is derived from the request itself, as in version 7 of `openai`', () => {
  /** Its derived promises read neither `responsePromise` nor `parseResponse` of the first one. */
  const closed = (failure: 'request' | undefined, result: unknown): unknown => {
    const promise = new ApiPromise(failure, result);
    const { responsePromise, parseResponse } = promise;
    responsePromise.catch(() => {});
    const derive = (transform: (result: unknown) => unknown): unknown => {
      const derived = new ApiPromise(undefined, undefined);
      derived.responsePromise = responsePromise;
      derived.parseResponse = () => transform(parseResponse());
      return Object.assign(derived, { _thenUnwrap: derive });
    };
    return Object.assign(promise, { _thenUnwrap: derive });
  };
  type Derivable = { _thenUnwrap(transform: (result: object) => unknown): Derivable };
  const derived = (failure: 'request' | undefined, transform: (result: object) => unknown) =>
    (create(() => closed(failure, { tokens: 3 })) as unknown as Derivable)._thenUnwrap(transform);

  test('has the span with its tokens', async () => {
    expect(await derived(undefined, (result) => ({ ...result, parsed: 1 }))).toEqual({
      tokens: 3,
      parsed: 1,
    });
    expect(await spans()).toEqual([['chat m', 200, 3, undefined]]);
  });

  test('may be derived from again', async () => {
    const parsed = derived(undefined, (result) => result)._thenUnwrap((result) => result);
    expect(await parsed).toEqual({ tokens: 3 });
    expect(await spans()).toEqual([['chat m', 200, 3, undefined]]);
  });

  test('fails once: no other promise is rejected', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', note);
    await expect(derived('request', (result) => result)).rejects.toBe(ERROR);
    expect(await spans()).toEqual([['chat m', 404, undefined, 'no such model']]);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('fails if its transformation does', async () => {
    const fail = (): never => {
      throw ERROR;
    };
    await expect(derived(undefined, fail)).rejects.toBe(ERROR);
    expect(await spans()).toEqual([['chat m', 404, 3, 'no such model']]);
  });

  test('does not record what a parser quotes of the answer', async () => {
    const parsed = derived(undefined, () => JSON.parse('secret answer') as unknown);
    await expect(parsed).rejects.toThrow('secret');
    expect(await spans()).toEqual([['chat m', 200, 3, undefined]]);
    const span = tracing.span('chat m');
    expect([span.status.code, span.attributes['error.type'], span.events]).toEqual([
      SpanStatusCode.ERROR,
      'SyntaxError',
      [],
    ]);
  });
});

test('another result than such a promise is passed on', async () => {
  expect(create(() => 7)).toBe(7);
  expect(await spans()).toEqual([['chat m', undefined, undefined, undefined]]);
});

describe('a stream', () => {
  async function* items(failing = false): AsyncGenerator<object> {
    yield { tokens: 1 };
    if (failing) throw ERROR;
    yield { tokens: 2 };
  }
  const all = async (source: AsyncIterable<unknown>): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    for await (const item of source) found.push(item);
    return found;
  };
  const stream = async (source: () => AsyncIterator<unknown>, controller?: AbortController) =>
    (await create(
      () => new ApiPromise(undefined, { iterator: source, controller }),
    )) as unknown as { iterator: () => AsyncIterableIterator<unknown> };

  test('is a span until its end, with the last values', async () => {
    const { iterator } = await stream(items);
    expect(tracing.spans()).toEqual([]);
    expect(await all(iterator())).toEqual([{ tokens: 1 }, { tokens: 2 }]);
    expect(await spans()).toEqual([['chat m', 200, 2, undefined]]);
  });

  test('ends its span when the app stops', async () => {
    const { iterator } = await stream(items);
    for await (const _ of iterator()) break;
    expect(await spans()).toEqual([['chat m', 200, 1, undefined]]);
  });

  test('ends its span when it fails', async () => {
    const { iterator } = await stream(() => items(true));
    await expect(all(iterator())).rejects.toBe(ERROR);
    expect(await spans()).toEqual([['chat m', 404, 1, 'no such model']]);
  });

  test('that the app aborts has the abort as its cause, and has not failed', async () => {
    const controller = new AbortController();
    async function* aborted(): AsyncGenerator<object> {
      yield { tokens: 1 };
      controller.abort();
    }
    const { iterator } = await stream(aborted, controller);
    await all(iterator());
    expect(await spans()).toEqual([['chat m', 200, 1, undefined]]);
    const { events, status } = tracing.span('chat m');
    expect(status.code).toBe(SpanStatusCode.UNSET);
    expect(events.map(({ attributes }) => attributes?.['exception.type'])).toEqual(['AbortError']);
  });

  test('that the app leaves has no cause, though the library aborts its request', async () => {
    const controller = new AbortController();
    async function* left(): AsyncGenerator<object> {
      try {
        yield { tokens: 1 };
      } finally {
        controller.abort();
      }
    }
    const { iterator } = await stream(left, controller);
    for await (const _ of iterator()) break;
    await spans();
    expect(tracing.span('chat m').events).toEqual([]);
  });

  test('without `return` and `throw` has none', () => {
    const call = ModelCall.start('test', () => FACTS.request({ model: 'm' }, undefined));
    const source = { next: () => Promise.resolve({ done: true as const, value: undefined }) };
    const watched = watchedIterator(source, call as ModelCall, () => {});
    expect(['return' in watched, 'throw' in watched]).toEqual([false, false]);
    call?.end();
  });
});

test('spans of the call are below the span of the model', async () => {
  await create(() => {
    trace.getTracer('app').startSpan('inside').end();
    return new ApiPromise(undefined, {});
  });
  await spans();
  expect(tracing.span('inside').parentSpanContext?.spanId).toBe(
    tracing.span('chat m').spanContext().spanId,
  );
});
