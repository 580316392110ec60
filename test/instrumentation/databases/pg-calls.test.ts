import {
  type Attributes,
  context,
  createNoopMeter,
  type Histogram,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  poolConnectWrapper,
  queryWrapper,
} from '../../../src/instrumentation/databases/pg-calls.ts';
import { guardWraps } from '../../../src/instrumentation/loading/guarded-wrap.ts';
import { instrumentationFailures } from '../../../src/instrumentation/wrap/guard.ts';
import type { AnyFunction } from '../../../src/instrumentation/wrap/same-shape.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const tracer = trace.getTracer('pg');
const NOT_MEASURED = createNoopMeter().createHistogram('');
const CLIENT = {
  connectionParameters: { database: 'shop', host: 'db', port: 5432, user: 'app' },
};
const SPAN = {
  name: 'pg.query:shop',
  attributes: {
    'db.system.name': 'postgresql',
    'db.namespace': 'shop',
    'server.address': 'db',
    'server.port': 5432,
    'db.query.text': 'SELECT 1',
    'db.user': 'app',
  },
  message: undefined,
};

interface Options {
  readonly config?: object;
  readonly from?: Tracer;
  readonly histogram?: Histogram;
}

/** Returns what an app calls in place of `query`, as an instrumentation wraps it; upstream's counts only. */
function wrappedQuery(original: AnyFunction, options: Options = {}) {
  const { config = {}, from = tracer, histogram = NOT_MEASURED } = options;
  const upstream: unknown[] = [];
  const plugin = { tracer: from, getConfig: () => config, _operationDuration: histogram };
  const wrapper = queryWrapper(
    plugin,
    (inner) =>
      function (this: unknown, ...args: unknown[]) {
        upstream.push(args.length);
        return inner.apply(this, args);
      },
    (database) => `pg.query:${database}`,
  );
  const target: { query: AnyFunction } = { query: original };
  const instance = {
    _wrap(on: typeof target, name: 'query', wrap: typeof wrapper) {
      on[name] = wrap(on[name], name);
    },
  };
  guardWraps('pg', instance);
  instance._wrap(target, 'query', wrapper);
  return { query: target.query, upstream };
}

function spans(): readonly unknown[] {
  return tracing.spans().map(({ name, attributes, status }) => ({
    name,
    attributes,
    message: status.message,
  }));
}

/** Calls `work` in a request. */
function inRequest<T>(work: () => T): T {
  const request = tracer.startSpan('GET', {}, ROOT_CONTEXT);
  return context.with(trace.setSpan(ROOT_CONTEXT, request), work);
}

test('a query with a callback: the span ends before it, and it runs in the context of its caller', () => {
  let answer: AnyFunction | undefined;
  const seen: unknown[] = [];
  const { query, upstream } = wrappedQuery(function (this: unknown, ...args) {
    seen.push(this === CLIENT, args.slice(0, -1));
    answer = args.at(-1) as AnyFunction;
    return 'returned';
  });
  const request = inRequest(() => {
    seen.push(
      query.call(CLIENT, 'SELECT 1', [1], function (this: unknown, ...args: unknown[]) {
        seen.push(this, args, trace.getActiveSpan(), tracing.spans().length);
      }),
    );
    return trace.getActiveSpan();
  });
  answer?.call('self', null, { rows: [] }, 'more');
  expect(seen).toEqual([
    true,
    ['SELECT 1', [1]],
    'returned',
    'self',
    [null, { rows: [] }, 'more'],
    request,
    1,
  ]);
  expect({ spans: spans(), upstream }).toEqual({ spans: [SPAN], upstream: [] });
});

test('a query that returns a promise has a span with its result', async () => {
  const own = { text: 'SELECT 1', name: 'one' };
  const passed: unknown[] = [];
  const { query } = wrappedQuery(async (...args) => {
    passed.push(...args);
    return 'rows';
  });
  await expect(query.call(CLIENT, own)).resolves.toBe('rows');
  // The object of the app, not a copy.
  expect(passed[0]).toBe(own);
  expect(spans()).toEqual([
    { ...SPAN, attributes: { ...SPAN.attributes, 'db.postgresql.plan': 'one' } },
  ]);
});

test.for<[string, (error: Error) => AnyFunction]>([
  [
    'thrown',
    (error) => () => {
      throw error;
    },
  ],
  ['by a promise', (error) => () => Promise.reject(error)],
  ['by a callback', (error) => (_text, done) => (done as AnyFunction)(error)],
])('an error %s is recorded and passed on', async ([, failing]) => {
  const error = new RangeError('no');
  const { query } = wrappedQuery(failing(error));
  const call = new Promise((resolve, reject) => {
    const result = query.call(CLIENT, 'SELECT 1', (thrown: unknown) => reject(thrown));
    if (result instanceof Promise) result.then(resolve, reject);
  });
  await expect(call).rejects.toBe(error);
  expect(tracing.spans().map(({ status, events }) => [status, events.length])).toEqual([
    [{ code: SpanStatusCode.ERROR, message: 'no' }, 1],
  ]);
});

test.for<[string, unknown[], Options]>([
  ['a request hook', ['SELECT 1'], { config: { requestHook() {} } }],
  ['a comment in the query', ['SELECT 1'], { config: { addSqlCommenterCommentToQueries: true } }],
  ['a trace header', ['SELECT 1'], { config: { enableTraceContextPropagation: true } }],
  ['values', ['SELECT 1'], { config: { enhancedDatabaseReporting: true } }],
  ['a measured duration', ['SELECT 1'], { histogram: { record() {} } }],
  ['a query object', [{ text: 'SELECT 1', submit() {} }], {}],
  ['a callback in the options', [{ text: 'SELECT 1', callback() {} }], {}],
  ['no text', [{}], {}],
  ['nothing', [], {}],
])('%s is left to upstream', ([, args, options]) => {
  const { query, upstream } = wrappedQuery(() => 'returned', options);
  expect([query.apply(CLIENT, args), upstream, spans()]).toEqual(['returned', [args.length], []]);
});

test('a query outside a trace is not recorded if it needs a parent', () => {
  const { query } = wrappedQuery((...args) => args, { config: { requireParentSpan: true } });
  expect(query.call(CLIENT, 'SELECT 1')).toEqual(['SELECT 1']);
  expect(spans()).toEqual([]);
});

test('whatever fails in the instrumentation, the query of the app runs once', () => {
  const before = instrumentationFailures().get('pg') ?? 0;
  const from = {
    startSpan() {
      throw new Error('of the tracer');
    },
  } as unknown as Tracer;
  let calls = 0;
  const { query } = wrappedQuery(() => ++calls, { from });
  expect([query.call(CLIENT, 'SELECT 1'), calls]).toEqual([1, 1]);
  expect(instrumentationFailures().get('pg')).toBe(before + 1);
});

/** Returns `connect` of a pool, and how often upstream's was called. */
function wrappedConnect(original: AnyFunction, config: object = { ignoreConnectSpans: true }) {
  const upstream: unknown[] = [];
  const attributes: Attributes = { 'server.address': 'db' };
  const wrapper = poolConnectWrapper(
    { tracer, getConfig: () => config },
    (inner) =>
      function (this: unknown, ...args: unknown[]) {
        upstream.push(args.length);
        return inner.apply(this, args);
      },
    'pg-pool.connect',
    () => attributes,
  );
  return { connect: wrapper(original, 'connect'), upstream };
}

const IDLE = { idleCount: 2, waitingCount: 1 };

test('a pool with an idle connection calls back in the context of the caller, without a span', () => {
  let answer: AnyFunction | undefined;
  const { connect, upstream } = wrappedConnect((done) => {
    answer = done as AnyFunction;
  });
  const seen: unknown[] = [];
  const request = inRequest(() => {
    connect.call(IDLE, function (this: unknown, ...args: unknown[]) {
      seen.push(this, args, trace.getActiveSpan());
    });
    return trace.getActiveSpan();
  });
  answer?.call('self', undefined, 'client', 'release');
  expect(seen).toEqual(['self', [undefined, 'client', 'release'], request]);
  expect({ spans: spans(), upstream }).toEqual({ spans: [], upstream: [] });
});

test('a failed wait for an idle connection has a span', () => {
  const error = new Error('timeout exceeded when trying to connect');
  const { connect } = wrappedConnect((done) => (done as AnyFunction)(error));
  const seen: unknown[] = [];
  connect.call(IDLE, (...args: unknown[]) => seen.push(args));
  expect({ seen, spans: spans() }).toEqual({
    seen: [[error]],
    spans: [
      {
        name: 'pg-pool.connect',
        attributes: { 'server.address': 'db' },
        message: 'timeout exceeded when trying to connect',
      },
    ],
  });
});

test.for<[string, object, unknown[], object?]>([
  ['all connections taken', { idleCount: 1, waitingCount: 1 }, [() => {}]],
  ['a promise', IDLE, []],
  ['spans for connections', IDLE, [() => {}], {}],
  ['another pool', {}, [() => {}]],
])('%s: left to upstream', ([, pool, args, config]) => {
  const { connect, upstream } = wrappedConnect(() => 'returned', config);
  expect([connect.apply(pool, args), upstream]).toEqual(['returned', [args.length]]);
});
