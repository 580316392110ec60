import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { localRoots } from '../../../src/api/local-root.ts';
import { type Folded, isFolded } from '../../../src/instrumentation/spans/folded.ts';
import { foldingProvider, foldRule } from '../../../src/instrumentation/spans/folding.ts';
import { HANDLER_STATUS } from '../../../src/translator/context/handler-status.ts';
import { placesOf, startTracing } from '../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots()] });
const spans = () => placesOf(tracing.spans());
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const RULE = (name: string) => (name.startsWith('hook') ? ('fold' as const) : ('keep' as const));
const tracer = () => foldingProvider(RULE).getTracer('test');

test('children of a folded span are below the enclosing span', () => {
  tracer().startActiveSpan('request', (request) => {
    tracer().startActiveSpan('hook a', (outer) => {
      tracer().startActiveSpan('hook b', {}, (inner) => {
        inner.setAttribute('a', 1).updateName('x').end();
        tracer().startActiveSpan('query', {}, context.active(), (query) => query.end());
      });
      outer.end();
    });
    expect(request.isRecording()).toBe(true);
    request.end();
  });
  expect(spans()).toEqual(['query below request', 'request below -']);
  expect(tracing.span('request').attributes).toEqual({});
});

test('a folded span has all other properties of the enclosing span; what is set on it stays on it', () => {
  tracer().startActiveSpan('request', (request) => {
    const hooks = ['hook a', 'hook b'].map((name) => tracer().startSpan(name));
    const [first, second] = hooks as [typeof request, typeof request];
    expect(first.spanContext()).toBe(request.spanContext());
    expect(Object.getPrototypeOf(first)).toBe(Object.getPrototypeOf(request));
    expect(['name', 'ended'].map((key) => key in first && Reflect.get(first, key))).toEqual([
      'request',
      false,
    ]);
    first.recordException = () => {};
    first.recordException(new Error('ignored'));
    second.recordException(new Error('recorded'));
    Object.assign(second, { note: 1 });
    expect('note' in request).toBe(false);
    request.end();
    expect(Reflect.get(first, 'ended')).toBe(true);
  });
  expect(spans()).toEqual(['request below - recorded']);
});

test('an error is recorded once: where it was first seen, else on the span around a folded one', () => {
  const [seen, unseen] = [new Error('seen'), new Error('unseen')];
  tracer().startActiveSpan('request', (request) => {
    tracer().startActiveSpan('hook a', (outer) => {
      tracer().startActiveSpan('hook b', (inner) => {
        tracer().startActiveSpan('handler', (handler) => {
          handler.recordException(seen);
          handler.end();
        });
        inner.recordException(seen);
        inner.recordException(unseen);
        inner.end();
      });
      outer.recordException(unseen);
      outer.end();
    });
    request.end();
  });
  expect(spans()).toEqual(['handler below request seen', 'request below - unseen']);
});

test('an error that a request has recorded is not repeated as message of a status', () => {
  const error = new Error('once');
  tracer().startActiveSpan('outer', (outer) => {
    tracer().startActiveSpan('inner', (inner) => {
      inner.recordException(error);
      inner.setStatus({ code: SpanStatusCode.ERROR, message: 'once' }).end();
    });
    outer.recordException(error);
    outer.setStatus({ code: SpanStatusCode.ERROR, message: 'once' }).end();
  });
  expect(tracing.spans().map(({ events, status }) => [events.length, status])).toEqual([
    [1, { code: SpanStatusCode.ERROR, message: 'once' }],
    [0, { code: SpanStatusCode.ERROR }],
  ]);
});

test('an error that is raised in two requests is recorded in both', () => {
  for (const error of [new Error('constant'), 'text']) {
    tracing.reset();
    for (const name of ['first', 'second']) {
      tracer().startActiveSpan(name, (request) => {
        request.recordException(error);
        request.end();
      });
    }
    expect(tracing.spans().map(({ events }) => events.length)).toEqual([1, 1]);
  }
});

test('a span without an enclosing span is not folded', () => {
  tracer().startSpan('hook alone').end();
  expect(spans()).toEqual(['hook alone below -']);
});

test('a span can pass its name to the enclosing one', () => {
  const rule = () => ({ name: 'Orders.one', names: /^request handler/ });
  const named = foldingProvider(rule).getTracer('test');
  tracing.provider.getTracer('app').startActiveSpan('request handler - /orders', (handler) => {
    named.startActiveSpan('x', (span) => {
      tracer().startSpan('query').end();
      span.end();
    });
    handler.end();
  });
  tracing.provider.getTracer('app').startActiveSpan('GET', (request) => {
    named.startSpan('x').end();
    request.end();
  });
  expect(spans()).toEqual([
    'query below Orders.one',
    'Orders.one below -',
    'Orders.one below GET',
    'GET below -',
  ]);
});

test('a handler that another one calls is folded into it, which gets its route', () => {
  const rule = foldRule('koa', false);
  const tracer = foldingProvider(rule).getTracer('koa');
  const options = (route: string) => ({
    attributes: { 'koa.type': 'router', 'http.route': route },
  });
  tracing.provider.getTracer('app').startActiveSpan('GET', (request) => {
    tracer.startActiveSpan('router - /*', options('/*'), (outer) => {
      tracer.startSpan('router - /shop', options('/shop')).end();
      outer.end();
    });
    request.end();
  });
  expect(spans()).toEqual(['request handler below GET', 'GET below -']);
  expect(tracing.span('request handler').attributes['http.route']).toBe('/shop');
});

test('an error of a resolver has the status that its response gets', () => {
  const tracer = foldingProvider(foldRule('graphql', false)).getTracer('graphql');
  const span = tracer.startSpan('graphql.resolve secret');
  const error = Object.assign(new Error('sign in'), { extensions: { http: { status: 401 } } });
  span.recordException(error);
  span.end();
  expect(tracing.span('graphql.resolve secret').attributes[HANDLER_STATUS]).toBe(401);
});

describe('rules', () => {
  const named = (name: string) => expect.objectContaining({ name });
  const HANDLER = named('request handler');
  test.each([
    ['fastify', 'request', {}, 'fold', 'fold'],
    ['fastify', 'handler - fastify -> @fastify/cors', {}, HANDLER, HANDLER],
    ['fastify', 'onRequest - handleCors', {}, 'fold', { name: 'onRequest handleCors' }],
    ['fastify', 'onRequest - fastify -> @fastify/cors', {}, 'fold', { name: 'onRequest' }],
    ['fastify', 'onSend - async (sub) => {\n}', {}, 'fold', { name: 'onSend' }],
    ['connect', 'middleware - logger', {}, 'fold', { name: 'logger' }],
    ['express', 'middleware - logger', {}, { name: 'logger' }, { name: 'logger' }],
    ['express', 'middleware - <anonymous>', {}, { name: 'middleware' }, { name: 'middleware' }],
    ['express', 'router - /shop', {}, { name: 'router /shop' }, { name: 'router /shop' }],
    ['express', 'request handler - /a', {}, HANDLER, HANDLER],
    ['koa', 'middleware - logger', {}, { name: 'logger' }, { name: 'logger' }],
    ['koa', 'router - /a', { 'koa.type': 'router' }, HANDLER, HANDLER],
    ['koa', 'name of a route', { 'koa.type': 'router' }, HANDLER, HANDLER],
    [
      'knex',
      'select /home/ann/shop.db.orders',
      { 'db.system.name': 'better-sqlite3', 'db.namespace': '/home/ann/shop.db' },
      { name: 'select shop.db.orders', attributes: { 'db.namespace': 'shop.db' } },
      { name: 'select shop.db.orders', attributes: { 'db.namespace': 'shop.db' } },
    ],
    [
      'knex',
      'select shop.orders',
      { 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
      'keep',
      'keep',
    ],
    [
      'knex',
      'raw shop',
      { 'db.system.name': 'postgresql', 'db.operation.name': 'raw' },
      'leave to call',
      'leave to call',
    ],
    [
      'knex',
      'raw shop',
      { 'db.system.name': 'oracle', 'db.operation.name': 'raw' },
      'keep',
      'keep',
    ],
    [
      'nestjs-core',
      'Create Nest App',
      { 'nestjs.type': 'app_creation' },
      'fold or drop',
      'fold or drop',
    ],
    ['nestjs-core', 'one', { 'nestjs.type': 'handler' }, 'fold', 'fold'],
    ['connect', 'request handler - /a', {}, HANDLER, HANDLER],
    ['hapi', 'ext - onPreHandler', {}, 'fold', { name: 'onPreHandler' }],
    ['hapi', 'GET /a', {}, HANDLER, HANDLER],
    ['graphql', 'graphql.parse', {}, 'fold or drop', named('graphql.parse')],
    ['graphql', 'graphql.execute', {}, named('graphql.execute'), named('graphql.execute')],
    ['graphql', 'query Name', {}, named('query Name'), named('query Name')],
    [
      'graphql',
      'graphql.resolve user.name',
      { 'graphql.field.path': 'user.name', 'graphql.field.type': 'String!' },
      'fold',
      named('graphql.resolve user.name'),
    ],
    [
      'graphql',
      'graphql.resolve users..orders',
      { 'graphql.field.path': 'users..orders', 'graphql.field.type': '[Order!]!' },
      named('graphql.resolve users.orders'),
      named('graphql.resolve users..orders'),
    ],
    ['dataloader', 'dataloader.load users', {}, 'fold or drop', 'fold or drop'],
    ['dataloader', 'dataloader.clearAll', {}, 'fold or drop', 'fold or drop'],
    [
      'dataloader',
      'dataloader.batch users',
      {},
      { name: 'dataloader.batch users', withoutLinks: true },
      { name: 'dataloader.batch users', withoutLinks: true },
    ],
  ])('%s: %s', (instrumentation, name, attributes, folded, shown) => {
    const options = { attributes };
    const rule = (middlewareSpans: boolean) => foldRule(instrumentation as Folded, middlewareSpans);
    expect(rule(false)(name, options)).toEqual(folded);
    expect(rule(true)(name, options)).toEqual(shown);
  });

  test('an instrumentation without a rule keeps its spans', () => {
    expect(['express', 'pg', 'toString'].filter(isFolded)).toEqual(['express']);
  });

  test('a batch of a data loader has no links to the loads that are folded', () => {
    const tracer = foldingProvider(foldRule('dataloader', false)).getTracer('dataloader');
    trace.getTracer('app').startActiveSpan('request', (request) => {
      const load = tracer.startSpan('dataloader.load');
      tracer.startSpan('dataloader.batch', { links: [{ context: load.spanContext() }] }).end();
      request.end();
    });
    expect(tracing.spans().map(({ name, links }) => [name, links])).toEqual([
      ['dataloader.batch', []],
      ['request', []],
    ]);
  });

  test('a raw query of knex belongs to the driver, which records its error, unless that is disabled', () => {
    const options = {
      attributes: { 'db.system.name': 'mysql2', 'db.operation.name': 'raw' },
    };
    const rule = foldRule('knex', false, (name) => name === 'mysql2');
    expect(rule('raw shop', options)).toBe('keep');
    const knex = foldingProvider(foldRule('knex', false)).getTracer('knex');
    const query = (): void =>
      knex.startActiveSpan('raw shop', options, (raw) => {
        knex.startActiveSpan('SELECT', (call) => call.end());
        raw.recordException(new Error('no'));
        raw.end();
      });
    trace.getTracer('app').startActiveSpan('request', (request) => {
      query();
      request.end();
    });
    query();
    expect(spans()).toEqual(['SELECT below request', 'request below -', 'SELECT below -']);
    expect(tracing.span('request').events).toEqual([]);
  });

  test('a schema that is parsed at the start is not traced', () => {
    const rule = foldRule('graphql', false);
    const span = foldingProvider(rule).getTracer('graphql').startSpan('graphql.parse');
    expect(trace.isSpanContextValid(span.spanContext())).toBe(false);
    expect(tracing.spans()).toEqual([]);
  });
});
