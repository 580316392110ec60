import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { capture, captured, traceTask } from '../../src/api.ts';
import { startTracing } from '../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

/** Name → name of the parent, for every span that ended. */
function tree(): Record<string, string | undefined> {
  const names = new Map(tracing.spans().map((span) => [span.spanContext().spanId, span.name]));
  return Object.fromEntries(
    tracing
      .spans()
      .map((span) => [span.name, names.get(span.parentSpanContext?.spanId ?? '')] as const),
  );
}

function failure(span: ReadableSpan): unknown {
  return [span.status, span.events.map((event) => event.attributes?.['exception.message'])];
}

const FAILED = [{ code: SpanStatusCode.ERROR, message: 'broken' }, ['broken']];

test('capture returns the result of the function and ends the span', () => {
  const value = { any: 'thing' };
  const result = traceTask('root', () => capture('work', () => value));
  expect(result).toBe(value);
  expect(tree()).toEqual({ work: 'root', root: undefined });
});

test('capture passes a span with the given options to the function', () => {
  traceTask('root', () =>
    capture('work', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      span.setAttribute('b', 2);
    }),
  );
  const { kind, attributes } = tracing.span('work');
  expect({ kind, attributes }).toEqual({ kind: SpanKind.CLIENT, attributes: { a: 1, b: 2 } });
});

test('an error is recorded and rethrown as the same object', () => {
  const error = new Error('broken');
  const run = () =>
    traceTask('root', () =>
      capture('work', () => {
        throw error;
      }),
    );
  expect(run).toThrow(error);
  expect(failure(tracing.span('work'))).toEqual(FAILED);
  expect(failure(tracing.span('root'))).toEqual(FAILED);
});

test('a promise keeps the span open until it settles', async () => {
  let open: (value: string) => void = () => {};
  const gate = new Promise<string>((resolve) => {
    open = resolve;
  });
  const result = traceTask('root', () => capture('work', () => gate));
  expect(tracing.spans()).toEqual([]);
  open('value');
  await expect(result).resolves.toBe('value');
  expect(tree()).toEqual({ work: 'root', root: undefined });
});

test('a rejection is recorded and passed on as the same object', async () => {
  const error = new Error('broken');
  await expect(traceTask('root', () => capture('work', () => Promise.reject(error)))).rejects.toBe(
    error,
  );
  expect(failure(tracing.span('work'))).toEqual(FAILED);
});

test('spans started after an await are children of the captured work', async () => {
  await traceTask('root', async () => {
    await capture('outer', async () => {
      await Promise.resolve();
      await capture('inner', async () => {});
    });
  });
  expect(tree()).toEqual({ inner: 'outer', outer: 'root', root: undefined });
});

test('a promise with additional members is returned itself, e.g. that of a child process', async () => {
  const child = Object.assign(Promise.resolve('done'), { pid: 7 });
  const result = traceTask('root', () => capture('work', () => child));
  expect(result).toBe(child);
  await result;
  expect(Object.keys(tree())).toEqual(['work', 'root']);
});

/** A query as knex makes it: runs each time it is awaited. */
class Query implements PromiseLike<string> {
  runs = 0;
  table = '';
  from(table: string): this {
    this.table = table;
    return this;
  }
  // biome-ignore lint/suspicious/noThenProperty: a query builder is what is tested
  then<A = string, B = never>(
    resolve?: ((value: string) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    this.runs += 1;
    const answer = capture('query', async () => `rows of ${this.table}`);
    return answer.then(resolve, reject);
  }
}

test('a lazy query stays lazy, is returned itself, and ends the span when it is awaited', async () => {
  const query = new Query();
  await traceTask('root', async () => {
    const result = capture('work', () => query);
    expect(result).toBe(query);
    expect(query.runs).toBe(0);
    expect(await result.from('carts')).toBe('rows of carts');
  });
  expect(query.runs).toBe(1);
  expect(tree()).toEqual({ query: 'work', work: 'root', root: undefined });
});

test('the error of a lazy query is recorded, and the query rejects', async () => {
  const query = {
    // biome-ignore lint/suspicious/noThenProperty: a query builder is what is tested
    then: (_ok: unknown, fail?: (error: Error) => void) => fail?.(new Error('broken')),
  };
  await expect(
    traceTask(
      'root',
      async () => await (capture('work', () => query) as unknown as Promise<never>),
    ),
  ).rejects.toThrow('broken');
  expect(failure(tracing.span('work'))).toEqual(FAILED);
});

test('a generator keeps the span open and active through its steps', () => {
  const steps = traceTask('root', () =>
    capture('work', function* () {
      for (const step of [1, 2]) yield capture(`step ${step}`, () => step);
      return 'end';
    }),
  );
  expect(tracing.spans()).toEqual([]);
  expect([...steps]).toEqual([1, 2]);
  expect(tree()).toEqual({ 'step 1': 'work', 'step 2': 'work', work: 'root', root: undefined });
});

test('a break ends the span of a generator and runs its finally block', () => {
  const left: string[] = [];
  const steps = traceTask('root', () =>
    capture('work', function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        left.push('finally');
      }
    }),
  );
  for (const step of steps) {
    left.push(`step ${step}`);
    break;
  }
  expect(left).toEqual(['step 1', 'finally']);
  expect(Object.keys(tree())).toEqual(['work', 'root']);
});

test('a generator that throws is recorded', () => {
  const steps = traceTask('root', () =>
    capture('work', function* () {
      yield 1;
      throw new Error('broken');
    }),
  );
  expect(() => [...steps]).toThrow('broken');
  expect(failure(tracing.span('work'))).toEqual(FAILED);
});

test('an async generator keeps the span open and active through its steps', async () => {
  const steps = traceTask('root', () =>
    capture('work', async function* () {
      for (const step of [1, 2]) yield await capture(`step ${step}`, async () => step);
    }),
  );
  const seen: number[] = [];
  for await (const step of steps) seen.push(step);
  expect(seen).toEqual([1, 2]);
  expect(tree()).toEqual({ 'step 1': 'work', 'step 2': 'work', work: 'root', root: undefined });
});

test('an async generator that rejects is recorded', async () => {
  const steps = traceTask('root', () =>
    // biome-ignore lint/correctness/useYield: it fails before it yields
    capture('work', async function* () {
      throw new Error('broken');
    }),
  );
  await expect(steps.next()).rejects.toThrow('broken');
  expect(failure(tracing.span('work'))).toEqual(FAILED);
});

test('a span that the function ends itself is not ended twice', () => {
  traceTask('root', (span) => span.end());
  expect(tracing.logged).toEqual([]);
  expect(Object.keys(tree())).toEqual(['root']);
});

test('without a provider the work runs once, untraced', async () => {
  await tracing.close();
  const calls: string[] = [];
  expect(capture('a', () => calls.push('a'))).toBe(1);
  expect(await traceTask('b', async () => calls.push('b'))).toBe(2);
  expect(() => capture('c', () => JSON.parse('{'))).toThrow(SyntaxError);
});

test('an argument that is not a function throws at the call', () => {
  expect(() => capture('a', undefined as never)).toThrow(
    new TypeError('capture() needs a function, got undefined'),
  );
  expect(() => captured('a')({} as never)).toThrow(TypeError);
});
