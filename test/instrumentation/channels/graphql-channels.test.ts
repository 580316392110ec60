import { tracingChannel } from 'node:diagnostics_channel';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { traceLibrary } from '../../../src/instrumentation/channels/graphql.ts';
import type { Resolver } from '../../../src/instrumentation/channels/graphql-resolvers.ts';
import { traceChannels } from '../../../src/instrumentation/channels/index.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';
import { startTracing, type Tracing } from '../../support/tracing.ts';

const execution = tracingChannel<unknown, object>('graphql:execute');
const fields = tracingChannel<unknown, object>('graphql:resolve');
const parsing = tracingChannel<unknown, object>('graphql:parse');
const validation = tracingChannel<unknown, object>('graphql:validate');

let tracing: Tracing;
let stop: () => void;

function start(middlewareSpans = false): void {
  stop?.();
  const options = { version: '1', middlewareSpans, connectSpans: false };
  const isEnabled = (name: string): boolean => name === 'graphql';
  stop = traceChannels({ ...options, isEnabled, load: () => traceLibrary(options) }).stopAll;
}

beforeEach(() => {
  tracing = startTracing();
  start();
});
afterEach(async () => {
  stop();
  await tracing.close();
});

interface TestField {
  resolve?: Resolver;
  readonly type: string;
}

/** A schema with these fields of its query; `nested` of them returns an object with the field `part`. */
function schemaOf(query: Readonly<Record<string, TestField>>, part: TestField = { type: 'Part' }) {
  const types = {
    __Type: { getFields: () => ({ name: { type: 'String', resolve: introspect } }) },
    Query: { getFields: () => query },
    Nested: { getFields: () => ({ part }) },
    ID: {},
  };
  return {
    getTypeMap: () => types,
    getQueryType: () => types.Query,
    getMutationType: () => undefined,
  };
}

const introspect: Resolver = () => 'name';

/** A document that reads fields of the query, `...Name` through a fragment. */
function documentOf(...names: readonly string[]) {
  const selection = (name: string) =>
    name.startsWith('...')
      ? { kind: 'FragmentSpread', name: { value: name.slice(3) } }
      : { kind: 'Field', name: { value: name } };
  return {
    definitions: [
      {
        kind: 'OperationDefinition',
        operation: 'query',
        selectionSet: { selections: names.map(selection) },
      },
      {
        kind: 'FragmentDefinition',
        name: { value: 'Hello' },
        selectionSet: { selections: [selection('hello'), selection('...Hello')] },
      },
    ],
  };
}

type TestSchema = ReturnType<typeof schemaOf>;

/** Runs an operation whose fields `run` resolves. */
function execute(schema: TestSchema, names: readonly string[], run: () => unknown = () => {}) {
  return trace.getTracer('test').startActiveSpan('request', (span) => {
    const result = execution.traceSync(run, { schema, document: documentOf(...names) });
    span.end();
    return result;
  });
}

const info = (fieldName: string, ...path: readonly (string | number)[]): object => ({
  fieldName,
  parentType: { name: 'Query' },
  path: path.reduce<object | undefined>((prev, key) => ({ prev, key }), undefined),
});

/** Calls the resolver of a field of the query as graphql does. */
function resolve({ getTypeMap }: TestSchema, name: string, ...path: readonly (string | number)[]) {
  const field = getTypeMap().Query.getFields()[name];
  return field?.resolve?.(
    'source',
    'args',
    'context',
    info(name, ...(path.length ? path : [name])),
  );
}

/** Ended spans, each with the name of its parent. */
function tree(): readonly string[] {
  const spans = tracing.spans();
  const nameOf = (id?: string): string =>
    spans.find((span) => span.spanContext().spanId === id)?.name ?? 'none';
  return spans.map((span) => `${span.name} in ${nameOf(span.parentSpanContext?.spanId)}`);
}

describe('fields with a resolver', () => {
  test('have spans, without a subscriber that makes graphql publish each value', () => {
    const schema = schemaOf({ order: { type: 'Order', resolve: () => 1 } });
    execute(schema, ['order'], () => resolve(schema, 'order'));
    expect(tree()).toEqual([
      'graphql.resolve order in query',
      'query in request',
      'request in none',
    ]);
    expect(tracing.spans()[0]?.attributes).toEqual({
      'graphql.field.name': 'order',
      'graphql.field.path': 'order',
      'graphql.field.type': 'Order',
      'graphql.parent.name': 'Query',
    });
    expect(fields.hasSubscribers).toBe(false);
  });

  test('get what graphql passes, and give graphql what they return', () => {
    const calls: unknown[] = [];
    const promise = Promise.resolve(1);
    const schema = schemaOf({
      order: {
        type: 'Order',
        resolve(...args) {
          calls.push(args, trace.getSpan(context.active()));
          return promise;
        },
      },
    });
    expect(execute(schema, ['order'], () => resolve(schema, 'order'))).toBe(promise);
    expect(calls).toEqual([
      ['source', 'args', 'context', info('order', 'order')],
      expect.objectContaining({ name: 'graphql.resolve order' }),
    ]);
    expect(resolve(schema, 'order')).toBe(promise);
  });

  test('an object with `then` is asked once', async () => {
    let asked = 0;
    const lazy: PromiseLike<string> = {
      // biome-ignore lint/suspicious/noThenProperty: as query builders do.
      then(...handlers) {
        asked += 1;
        return Promise.resolve('rows').then(...handlers);
      },
    };
    const schema = schemaOf({ order: { type: 'Order', resolve: () => lazy } });
    expect(await execute(schema, ['order'], () => resolve(schema, 'order'))).toBe('rows');
    expect(asked).toBe(1);
    expect(tree()).toContain('graphql.resolve order in query');
  });

  test('errors are recorded and reach graphql, thrown or rejected', async () => {
    const error = new TypeError('no basket');
    const schema = schemaOf({
      thrown: {
        type: 'Order',
        resolve() {
          throw error;
        },
      },
      rejected: { type: 'Order', resolve: () => Promise.reject(error) },
    });
    const run = (name: string) => execute(schema, [name], () => resolve(schema, name));
    expect(() => run('thrown')).toThrow(error);
    await expect(run('rejected')).rejects.toBe(error);
    const failed = { code: SpanStatusCode.ERROR, message: 'no basket' };
    const ofFields = tracing.spans().filter(({ name }) => name.startsWith('graphql.resolve'));
    expect(ofFields.map(({ name, status }) => [name, status])).toEqual([
      ['graphql.resolve thrown', failed],
      ['graphql.resolve rejected', failed],
    ]);
  });

  test('the items of a list share the span of the first', () => {
    const schema = schemaOf({ item: { type: 'Item', resolve: () => 1 } });
    execute(schema, ['item'], () => {
      for (const index of [0, 1, 2]) resolve(schema, 'item', 'orders', index, 'item');
    });
    expect(tree()[0]).toBe('graphql.resolve orders.item in query');
    expect(tree()).toHaveLength(3);
  });

  test('a resolver is replaced once, even in a schema derived from another', () => {
    const schema = schemaOf({ order: { type: 'Order', resolve: () => 1 } });
    execute(schema, ['order']);
    const { resolve: replaced } = schema.getTypeMap().Query.getFields()['order'] as TestField;
    const other = schemaOf({ order: { type: 'Order', resolve: replaced as Resolver } });
    execute(other, ['order'], () => resolve(other, 'order'));
    expect(other.getTypeMap().Query.getFields()['order']?.resolve).toBe(replaced);
    expect(schema.getTypeMap().__Type.getFields().name.resolve).toBe(introspect);
  });

  test('a frozen field is not changed', () => {
    const before = instrumentationFailures().get('graphql') ?? 0;
    const schema = schemaOf({ order: Object.freeze({ type: 'Order', resolve: () => 1 }) });
    expect(execute(schema, ['order'], () => resolve(schema, 'order'))).toBe(1);
    expect(tree()).toEqual(['query in request', 'request in none']);
    expect(instrumentationFailures().get('graphql') ?? 0).toBe(before);
  });
});

describe('fields without a resolver', () => {
  const unresolved = (): TestSchema =>
    schemaOf({ hello: { type: 'String' }, other: { type: 'Order', resolve: () => 1 } });
  const message = (fieldName: string, fieldPath: string): object => ({
    fieldName,
    fieldPath,
    fieldType: 'String',
    parentType: 'Query',
    isDefaultResolver: true,
  });

  test.for([['hello'], ['other', '...Hello']])(
    '%j: of the root, they are published from then on',
    (names) => {
      const schema = unresolved();
      execute(schema, ['other', '__typename']);
      expect(fields.hasSubscribers).toBe(false);
      execute(schema, names, () => fields.traceSync(() => 'hi', message('hello', 'hello')));
      expect(tree()).toContain('graphql.resolve hello in query');
    },
  );

  test('others have no span', () => {
    const schema = unresolved();
    execute(schema, ['hello'], () => {
      fields.traceSync(() => 'hi', message('hello', 'nested.hello'));
      fields.traceSync(() => 'hi', message('part', 'part'));
    });
    expect(tree().filter((line) => line.startsWith('graphql.resolve'))).toEqual([]);
  });

  test('all have one if middleware spans are enabled, and no resolver is replaced', () => {
    start(true);
    const own: Resolver = () => 1;
    const schema = schemaOf({ order: { type: 'Order', resolve: own } });
    execute(schema, ['order'], () => fields.traceSync(() => 'a', message('id', 'order.id')));
    expect(tree()).toContain('graphql.resolve order.id in query');
    expect(schema.getTypeMap().Query.getFields()['order']?.resolve).toBe(own);
  });
});

describe('parsing and validation', () => {
  /** Runs a step within a request and returns the messages of the errors that each span has recorded. */
  const errorsOf = (step: () => unknown): object => {
    trace.getTracer('test').startActiveSpan('request', (span) => {
      try {
        step();
      } catch {
        // The caller answers the request.
      }
      span.end();
    });
    return Object.fromEntries(
      tracing
        .spans()
        .map(({ name, events }) => [
          name,
          events.map(({ attributes }) => attributes?.['exception.message']),
        ]),
    );
  };
  const parse = (): unknown =>
    parsing.traceSync(() => {
      throw new Error('syntax');
    }, {});
  const validate = (): unknown =>
    validation.traceSync(() => [new Error('first'), new Error('second')], { document: {} });

  test('have no span; their errors are those of the span around', () => {
    expect(errorsOf(parse)).toEqual({ request: ['syntax'] });
    tracing.reset();
    expect(errorsOf(validate)).toEqual({ request: ['first', 'second'] });
  });

  test('have nothing outside a request', () => {
    expect(parse).toThrow('syntax');
    validate();
    expect(tree()).toEqual([]);
    expect(instrumentationFailures().get('graphql')).toBeUndefined();
  });

  test('have spans if middleware spans are enabled', () => {
    start(true);
    expect(errorsOf(parse)).toEqual({ 'graphql.parse': ['syntax'], request: [] });
    tracing.reset();
    expect(errorsOf(validate)).toEqual({
      'graphql.validateSchema': ['first', 'second'],
      request: [],
    });
  });
});

test('the text of a document is that of its tokens without values, each time it is executed', () => {
  const end = { kind: '<EOF>', start: 12, end: 12, line: 1, column: 13 };
  const value = { kind: 'Int', start: 10, end: 11, line: 1, column: 11, value: '7', next: end };
  const name = {
    kind: 'Name',
    start: 0,
    end: 9,
    line: 1,
    column: 1,
    value: 'aFieldOf:',
    next: value,
  };
  const loc = { start: 0, end: 12, startToken: { kind: '<SOF>', next: name } };
  const document = { ...documentOf('order'), loc };
  for (const _ of [1, 2]) execution.traceSync(() => {}, { schema: schemaOf({}), document });
  const texts = tracing.spans().map(({ attributes }) => attributes['graphql.source']);
  expect(texts).toEqual(['aFieldOf:*', 'aFieldOf:*']);
});
