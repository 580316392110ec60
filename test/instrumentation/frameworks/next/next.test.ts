import { join } from 'node:path';
import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { localRoots } from '../../../../src/api/local-root.ts';
import { frameworkTracers } from '../../../../src/instrumentation/frameworks/framework-tracers.ts';
import { traceEdgeFunctions } from '../../../../src/instrumentation/frameworks/next/edge.ts';
import { NextInstrumentation } from '../../../../src/instrumentation/frameworks/next/next.ts';
import { applyHooks } from '../../../../src/instrumentation/loading/hooks.ts';
import { handlerSpans } from '../../../../src/instrumentation/spans/handler-spans.ts';
import { placesOf, startTracing } from '../../../support/tracing.ts';

const tracing = startTracing({ processors: [localRoots(), handlerSpans()] });
const spans = () => placesOf(tracing.spans());
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const OPTIONS = { spans: true, allSpans: false, tracesFetch: true };

function nextTracer(options: Partial<typeof OPTIONS> = {}, scope = 'next.js') {
  const next = new NextInstrumentation({ ...OPTIONS, ...options });
  next.disable();
  return next.tracer(trace.getTracer(scope), scope);
}

type Work = (span: Span) => void;

/** A span as Next.js starts it: the type is an attribute. */
function step(tracer: ReturnType<typeof nextTracer>, type: string, name: string, work?: Work) {
  const attributes = { 'next.span_name': name, 'next.span_type': type, ...routes[name] };
  tracer.startActiveSpan(name, { attributes }, (span) => {
    work?.(span);
    span.end();
  });
}

const routes: Readonly<Record<string, object>> = {
  'resolve page components': { 'next.route': '/orders/[id]' },
  'resolve error page': { 'next.route': '/_not-found' },
  'render route (app) /orders/[id]': { 'next.route': '/orders/[id]' },
};

/** Runs work in the server span of an HTTP request, as the http instrumentation does. */
function inRequest(work: (metadata: RPCMetadata, span: Span) => void): void {
  const span = trace.getTracer('http').startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  const metadata: RPCMetadata = { type: RPCType.HTTP, span };
  const active = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), metadata);
  context.with(active, () => work(metadata, span));
  span.end();
}

const HANDLE = 'BaseServer.handleRequest';

describe('a request', () => {
  test('is one segment with its route; internal steps are folded', () => {
    const tracer = nextTracer();
    inRequest((metadata) => {
      step(tracer, HANDLE, 'GET', () => {
        step(tracer, 'NextNodeServer.findPageComponents', 'resolve page components', () =>
          step(tracer, 'LoadComponents.loadRouteModule', 'load route module'),
        );
        expect(metadata.route).toBe('/orders/[id]');
        step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]', () => {
          step(tracer, 'NextNodeServer.createComponentTree', 'build component tree');
          step(tracer, 'AppRender.fetch', 'fetch GET http://stock/', () =>
            trace.getTracer('undici').startSpan('GET').end(),
          );
          step(tracer, 'ResolveMetadata.generateMetadata', 'generateMetadata /orders/[id]/page');
        });
        tracer.startSpan('NextNodeServer.clientComponentLoading').end();
      });
    });
    expect(spans()).toEqual([
      'GET below render route',
      'generateMetadata below render route',
      'render route below GET',
      'GET below -',
    ]);
    expect(tracing.span('render route').attributes).toEqual({ 'next.route': '/orders/[id]' });
  });

  test('keeps the route of the page that was requested when an error page is shown', () => {
    const tracer = nextTracer();
    inRequest((metadata) => {
      step(tracer, 'NextNodeServer.findPageComponents', 'resolve error page');
      expect(metadata.route).toBeUndefined();
      step(tracer, 'Node.runHandler', 'executing api route (pages) /api/hello/[name]');
      step(tracer, 'NextNodeServer.findPageComponents', 'resolve page components');
      expect(metadata.route).toBe('/api/hello/[name]');
    });
  });

  test('gets the route that Next.js sets at its end, while it is running', () => {
    const tracer = nextTracer();
    inRequest((metadata, request) => {
      step(tracer, HANDLE, 'GET', (span) => {
        span.setAttributes({ 'http.route': '/static', 'http.status_code': 200 });
        expect(metadata.route).toBe('/static');
        request.end();
        request.setAttribute('http.route', '/static');
        expect(tracing.logged).toEqual([]);
      });
    });
    expect(tracing.span('GET').attributes).toEqual({});
  });

  test('does not get the route of a page for errors', () => {
    const tracer = nextTracer();
    inRequest((_metadata, request) => {
      step(tracer, HANDLE, 'GET', () => request.setAttribute('http.route', '/_error'));
    });
    expect(tracing.span('GET').attributes).toEqual({});
  });

  test('is found again when Next.js passes the trace from its middleware in headers', () => {
    const tracer = nextTracer();
    inRequest((metadata, request) => {
      step(tracer, HANDLE, 'GET', () => step(tracer, 'Middleware.execute', 'middleware GET'));
      const { traceId, spanId } = request.spanContext();
      const remote = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => {
        step(tracer, HANDLE, 'GET', () => {
          expect(getRPCMetadata(context.active())).toBe(metadata);
          step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]');
        });
      });
      expect(metadata.route).toBe('/orders/[id]');
      request.end();
      context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => {
        step(tracer, HANDLE, 'GET late');
      });
    });
    expect(spans()).toEqual([
      'middleware below GET',
      'render route below GET',
      'GET below -',
      'GET late below GET',
    ]);
  });

  test('remains the segment if its headers have a trace, even after the response', () => {
    const remote = {
      traceId: '5759e988bd862e3fe1be46a994272793',
      spanId: '53995c3f42cd8ad8',
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    };
    class NextTracer {
      withPropagatedContext<T>(carrier: object, run: () => T, _getter?: object, force = false): T {
        expect(carrier).toEqual({ host: 'shop' });
        return force ? context.with(trace.setSpanContext(ROOT_CONTEXT, remote), run) : run();
      }
    }
    const one = new NextTracer();
    const next = new NextInstrumentation(OPTIONS);
    applyHooks({ getTracer: () => one }, join('next/dist/server/lib/trace/tracer.js'));
    next.disable();
    const tracer = next.tracer(trace.getTracer('next.js'), 'next.js');
    const page = (name: string): void =>
      one.withPropagatedContext(
        { host: 'shop' },
        () => step(tracer, HANDLE, 'GET', () => step(tracer, 'AppRender.getBodyResult', name)),
        {},
        true,
      );
    inRequest((metadata, request) => {
      page('render route (app) /orders/[id]');
      expect(metadata.route).toBe('/orders/[id]');
      request.end();
      one.withPropagatedContext(
        { host: 'shop' },
        () => step(tracer, HANDLE, 'GET error page'),
        {},
        true,
      );
    });
    page('of another request');
    expect(one.withPropagatedContext).toHaveLength(3);
    expect(spans()).toEqual([
      'render route below GET',
      'GET below -',
      'render route below GET',
      'GET below -',
    ]);
  });

  test('has the route of the page instead of the pattern of a custom server', () => {
    const tracer = nextTracer();
    inRequest((metadata) => {
      metadata.route = '/{*any}';
      const attributes = { 'express.type': 'request_handler', 'http.route': '/{*any}' };
      const handler = trace.getTracer('express').startSpan('handler', { attributes });
      step(tracer, 'NextNodeServer.findPageComponents', 'resolve error page');
      expect(metadata.route).toBe('/{*any}');
      step(tracer, 'NextNodeServer.findPageComponents', 'resolve page components');
      step(tracer, 'Node.runHandler', 'executing api route (pages) /api/hello/[name]');
      expect(metadata.route).toBe('/orders/[id]');
      handler.end();
    });
    expect(tracing.span('handler').attributes).toMatchObject({ 'http.route': '/orders/[id]' });
  });

  test('is found again after the handler of a custom server has ended', () => {
    const tracer = nextTracer();
    inRequest(() => {
      const handler = trace.getTracer('express').startSpan('handler');
      context.with(trace.setSpan(context.active(), handler), () => step(tracer, HANDLE, 'GET'));
      handler.end();
      const remote = { ...handler.spanContext(), isRemote: true };
      context.with(trace.setSpanContext(ROOT_CONTEXT, remote), () => step(tracer, HANDLE, 'GET'));
    });
    expect(spans()).toEqual(['handler below GET', 'GET below -']);
  });

  test('is the span of Next.js where no other instrumentation traces it', () => {
    const tracer = nextTracer();
    step(tracer, HANDLE, 'GET', () =>
      step(tracer, 'Render.renderDocument', 'render route (pages) /'),
    );
    expect(spans()).toEqual(['render route below GET', 'GET below -']);
  });
});

test('a server that loads its pages when it starts is not traced', () => {
  const tracer = nextTracer();
  step(tracer, 'LoadComponents.loadRouteModule', 'load route module', (span) => {
    span.recordException(new Error('no such module'));
    step(tracer, 'RouteModule.prepare', 'prepare route module');
  });
  expect(spans()).toEqual([]);
});

test('an error of the app is recorded once, where it was thrown', () => {
  const tracer = nextTracer();
  const thrown = Object.assign(new Error('no basket'), { digest: '7' });
  inRequest(() => {
    step(tracer, HANDLE, 'GET', (request) => {
      step(tracer, 'NextNodeServer.findPageComponents', 'resolve page components', (span) =>
        span.recordException(new Error('no such page, so Next.js looks further')),
      );
      step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]', (span) => {
        span.recordException(thrown);
        span.recordException(Object.assign(new Error('omitted'), { digest: '7' }));
      });
      request.recordException(thrown);
    });
  });
  expect(spans()).toEqual(['render route below GET no basket', 'GET below -']);
});

test('an error in metadata is recorded once, even if React has replaced its message', () => {
  const tracer = nextTracer();
  const omitted = new Error(
    'An error occurred in the Server Components render. The specific message is omitted',
  );
  inRequest(() => {
    step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]', (span) => {
      step(tracer, 'ResolveMetadata.generateMetadata', 'generateMetadata', (inner) =>
        inner.recordException(new Error('no title')),
      );
      span.recordException(Object.assign(omitted, { digest: '8' }));
      span.setAttribute('error.type', 'Error');
      span.setStatus({ code: SpanStatusCode.ERROR, message: omitted.message });
    });
  });
  expect(spans()).toEqual([
    'generateMetadata below render route no title',
    'render route below GET',
    'GET below -',
  ]);
  const { status, attributes } = tracing.span('render route');
  expect(status).toEqual({ code: SpanStatusCode.ERROR });
  expect(attributes).toEqual({ 'next.route': '/orders/[id]' });
});

test('a step has no route of a page that an API route renders anew', () => {
  const tracer = nextTracer();
  inRequest(() =>
    step(tracer, 'Node.runHandler', 'executing api route (pages) /api/refresh', (handler) => {
      handler.setAttribute('http.route', '/orders/[id]');
      handler.setAttribute('shop.id', 7);
    }),
  );
  expect(tracing.span('route handler').attributes).toEqual({ 'shop.id': 7 });
});

test('an error of a streamed component, after the span has ended, logs nothing', () => {
  const tracer = nextTracer();
  inRequest(() => {
    step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]', (span) => {
      span.end();
      span.recordException(new Error('late'));
      span.setAttribute('error.type', 'Error');
      span.setStatus({ code: SpanStatusCode.ERROR });
      Object.assign(span, { end() {} });
    });
  });
  expect(tracing.logged).toEqual([]);
  expect(spans()).toEqual(['render route below GET', 'GET below -']);
});

test('an error while a module of the app loads is recorded on the segment', () => {
  const tracer = nextTracer();
  inRequest(() =>
    step(tracer, 'AppRouteRouteModule.loadUserland', 'load app route module', (span) =>
      span.recordException(new Error('no such variable')),
    ),
  );
  expect(spans()).toEqual(['GET below - no such variable']);
});

test.each([
  ['all steps are shown on request', { allSpans: true }, ['build component tree', 'render route']],
  ['none when it is disabled', { spans: false }, []],
  [
    'a fetch is kept if nothing else records it',
    { tracesFetch: false },
    ['fetch GET /', 'render route'],
  ],
])('%s', (_rule, options, expected) => {
  const tracer = nextTracer(options);
  inRequest((metadata) => {
    step(tracer, 'AppRender.getBodyResult', 'render route (app) /orders/[id]', () => {
      step(tracer, 'NextNodeServer.createComponentTree', 'build component tree');
      step(tracer, 'AppRender.fetch', 'fetch GET /');
    });
    expect(metadata.route).toBe('/orders/[id]');
  });
  expect(tracing.spans().map(({ name }) => name)).toEqual([...expected, 'GET']);
});

describe('a function of the Edge runtime', () => {
  const SANDBOX = join('next', 'dist', 'server', 'web', 'sandbox', 'sandbox.js');

  /** What Next.js passes to its sandbox: name of the entry, and of the page. */
  function edgeCall(name: string, page?: string) {
    return { name, request: { page: { ...(page !== undefined && { name: page }) } } };
  }

  /** The sandbox, as it is after its file has loaded. */
  function sandbox(run: (call: unknown) => Promise<unknown>): { run: typeof run } {
    const tracer = nextTracer();
    const hook = traceEdgeFunctions(() => tracer);
    const exports = Object.defineProperty({}, 'run', { enumerable: true, get: () => run });
    const loaded = applyHooks(exports, SANDBOX) as { run: typeof run };
    hook.unhook();
    return loaded;
  }

  test.each([
    [
      'app/(a)/orders/@side/[id]/page',
      '/(a)/orders/@side/[id]/page',
      'render route',
      '/orders/[id]',
    ],
    ['app/page', '/page', 'render route', '/'],
    ['app/api/[id]/route', '/api/[id]/route', 'route handler', '/api/[id]'],
    ['pages/api/[id]', '/api/[id]', 'route handler', '/api/[id]'],
    ['pages/legacy/page', '/legacy/page', 'render route', '/legacy/page'],
    ['middleware', undefined, 'middleware', undefined],
    ['src/middleware', undefined, 'middleware', undefined],
  ])('%s has a span and its route', async (name, page, spanName, route) => {
    const call = edgeCall(name, page);
    const { run } = sandbox(async (given) => {
      trace.getTracer('undici').startSpan('GET').end();
      return given;
    });
    const metadata = await new Promise<RPCMetadata>((resolve) => {
      inRequest((ofRequest) => {
        resolve(
          run(call)
            .then((given) => expect(given).toBe(call))
            .then(() => ofRequest),
        );
      });
    });
    expect(metadata.route).toBe(route);
    expect(spans()).toEqual([`GET below ${spanName}`, 'GET below -', `${spanName} below GET`]);
  });

  test('rejects with its error, which is recorded', async () => {
    const error = new TypeError('no basket');
    const { run } = sandbox(() => Promise.reject(error));
    const rejected = await new Promise((resolve) => {
      inRequest(() => resolve(run(edgeCall('app/api/route', '/api/route')).catch((e) => e)));
    });
    expect(rejected).toBe(error);
    expect(spans()).toEqual(['GET below -', 'route handler below GET no basket']);
  });

  test.each([
    ['an entry of another kind', edgeCall('instrumentation')],
    ['no entry', undefined],
  ])('%s runs without a span', async (_what, call) => {
    const { run } = sandbox((given) => Promise.resolve(given));
    const given = await new Promise((resolve) => {
      inRequest(() => resolve(run(call)));
    });
    expect(given).toBe(call);
    expect(spans()).toEqual(['GET below -']);
  });
});

describe('an error that Next.js reports', () => {
  const SERVER = join('next', 'dist', 'server');
  const GLOBALS = join(SERVER, 'lib/router-utils/instrumentation-globals.external.js');
  const calls: unknown[] = [];
  beforeEach(() => calls.splice(0));

  interface Globals {
    readonly __esModule?: true;
    instrumentationOnRequestError(...args: readonly unknown[]): Promise<void>;
  }

  /** What pages and route handlers call, as it is after its file has loaded. */
  function globals(): Globals {
    const report = async (...args: readonly unknown[]): Promise<void> => {
      calls.push(args);
    };
    const exports = Object.defineProperty({}, '__esModule', { value: true });
    Object.defineProperty(exports, 'instrumentationOnRequestError', {
      enumerable: true,
      get: () => report,
    });
    return loaded(exports, GLOBALS);
  }

  class BaseServer {
    instrumentationOnRequestError(...args: readonly unknown[]): void {
      calls.push(args);
    }

    renderErrorToResponse(...args: readonly unknown[]): string {
      calls.push(args);
      return 'sorry';
    }
  }

  function server(): BaseServer {
    const { default: Loaded } = loaded<{ readonly default: typeof BaseServer }>(
      { default: class extends BaseServer {} },
      join(SERVER, 'base-server.js'),
    );
    return new Loaded();
  }

  function loaded<T>(exports: object, file: string): T {
    const next = new NextInstrumentation(OPTIONS);
    const result = applyHooks(exports, file) as T;
    next.disable();
    return result;
  }

  const error = new RangeError('no basket');
  const request = { path: '/' };

  test('is recorded on the segment, even if no span of Next.js has seen it', () => {
    const exports = globals();
    const args = ['/app', '.next', error, request, { routePath: '/cart' }];
    inRequest(() => void exports.instrumentationOnRequestError(...args));
    expect(spans()).toEqual(['GET below - no basket']);
    expect(calls).toEqual([args]);
    expect(exports.__esModule).toBe(true);
  });

  test('is recorded on the step in which it was thrown', () => {
    const tracer = nextTracer();
    const args = ['/app', '.next', error, request, { routePath: '/api/hello' }];
    const { instrumentationOnRequestError: report } = globals();
    inRequest(() =>
      step(tracer, 'Node.runHandler', 'executing api route (pages) /api/hello', () => {
        report(...args);
        report(...args);
      }),
    );
    expect(spans()).toEqual(['route handler below GET no basket', 'GET below -']);
    expect(calls).toEqual([args, args]);
  });

  test('is recorded once if the server reports it as well', () => {
    const tracer = nextTracer();
    inRequest(() => {
      step(tracer, 'Middleware.execute', 'middleware GET', (span) => span.recordException(error));
      server().instrumentationOnRequestError(error, request, { routePath: '/proxy' });
    });
    expect(spans()).toEqual(['middleware below GET no basket', 'GET below -']);
  });

  test('is the only one if rendering the error page fails as well', () => {
    inRequest(() => {
      server().instrumentationOnRequestError(error, request, { routePath: '/cart' });
      server().instrumentationOnRequestError(new Error('sent'), request, { routePath: '/_error' });
    });
    expect(spans()).toEqual(['GET below - no basket']);
    expect(calls).toHaveLength(2);
  });

  test.each([
    ['of a module that cannot be loaded is recorded', [error], 500, ['no basket']],
    ['is not recorded again for the error page', [error, new Error('proper')], 500, ['no basket']],
    ['that is an answer such as 400 is not recorded', [error], 400, []],
    ['is missing where no page was found', [null], 404, []],
  ])('%s', (_rule, errors, statusCode, recorded) => {
    inRequest(() => {
      for (const shown of errors) {
        expect(server().renderErrorToResponse({ res: { statusCode } }, shown)).toBe('sorry');
      }
    });
    expect(spans()).toEqual([['GET below -', ...recorded].join(' ')]);
  });

  test('outside a request is left to the app', () => {
    server().renderErrorToResponse({}, error);
    server().instrumentationOnRequestError(error);
    expect(calls).toEqual([[{}, error], [error]]);
    expect(spans()).toEqual([]);
  });
});

test('an error page is not called the page that was requested', () => {
  const tracer = nextTracer();
  const attributes = { 'next.route': '/_error', 'next.span_type': 'Render.renderDocument' };
  inRequest(() => tracer.startSpan('render route (pages) /_error', { attributes }).end());
  expect(spans()).toEqual(['render error page below GET', 'GET below -']);
});

test('the fetch of @vercel/otel is folded as well', () => {
  inRequest(() => {
    nextTracer({}, '@vercel/otel/fetch').startSpan('fetch GET /').end();
    nextTracer({ tracesFetch: false }, '@vercel/otel/fetch').startSpan('fetch GET /a').end();
  });
  expect(spans()).toEqual(['fetch GET /a below GET', 'GET below -']);
});

describe('the tracers of frameworks', () => {
  test('are replaced once, others are not', () => {
    const [original, replaced] = [trace.getTracer('a'), trace.getTracer('b')];
    const start = vi.fn(() => ({ tracer: () => replaced }));
    const { refine } = frameworkTracers(start);
    expect(refine('express', original)).toBe(original);
    expect(start).not.toHaveBeenCalled();
    expect(refine('next.js', original)).toBe(replaced);
    expect(refine('next.js', original)).toBe(replaced);
    expect(start.mock.calls).toEqual([['next']]);
  });

  test('start with the package if files of it have hooks', () => {
    const start = vi.fn(() => undefined);
    const { onPackage, refine } = frameworkTracers(start);
    for (const name of ['express', 'next', 'next']) onPackage(name);
    refine('next.js', trace.getTracer('a'));
    expect(start.mock.calls).toEqual([['next']]);
  });

  test('stay as they are if the instrumentation cannot start', () => {
    const original = trace.getTracer('a');
    expect(frameworkTracers(() => undefined).refine('next.js', original)).toBe(original);
  });
});
