import {
  type Attributes,
  type Context,
  isSpanContextValid,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { getRPCMetadata, setRPCMetadata } from '@opentelemetry/core';
import {
  droppedSpan,
  foldedInto,
  type RenamedSpan,
  renamedSpan,
  silentlyFoldedInto,
  tracerFrom,
} from '../../spans/folding.ts';
import { setPageRoute } from '../../spans/request-route.ts';
import { attempt } from '../../wrap/guard.ts';
import type { FrameworkOptions } from '../framework-tracers.ts';
import { actionPatches } from './actions.ts';
import { afterPatches } from './after.ts';
import { traceEdgeFunctions } from './edge.ts';
import { isErrorPage, recordReportedErrors, stepSpan } from './errors.ts';
import { patchFiles, type StartTask, TASKS } from './files.ts';
import { PROPAGATION } from './propagation.ts';

/** A request, and what Next.js renders for one that its middleware let pass. */
const REQUEST: ReadonlySet<unknown> = new Set(['BaseServer.handleRequest', 'Next.request']);
const FETCH = 'AppRender.fetch';
const RENDER = 'render route';

/**
 * Names of the subsegments that are kept, by the type that Next.js gives to a span. They have no
 * route: the segment has it, and the attribute `next.route`.
 *
 * @see https://nextjs.org/docs/app/guides/open-telemetry#default-spans-in-nextjs
 */
const NAMES: Readonly<Record<string, string>> = {
  'AppRender.getBodyResult': RENDER,
  'AppRouteRouteHandlers.runHandler': 'route handler',
  'Middleware.execute': 'middleware',
  'Node.runHandler': 'route handler',
  'Render.getServerSideProps': 'getServerSideProps',
  'Render.getStaticProps': 'getStaticProps',
  'Render.renderDocument': RENDER,
  'ResolveMetadata.generateMetadata': 'generateMetadata',
  'ResolveMetadata.generateViewport': 'generateViewport',
};

/** Steps whose error is one of the app, and which no other span records. */
const REPORTING: ReadonlySet<string> = new Set([
  'AppRouteRouteModule.loadUserland',
  'NextNodeServer.createComponentTree',
  'NextNodeServer.getLayoutOrPageModule',
]);

/** Attributes that repeat the name of a span or the request. */
const REPEATED = /^(?:http\.|url\.|next\.span_)/;
const SPAN_NAME = /^next\.span_/;

const ROUTE = 'http.route';

interface OpenRequest {
  /** Id of the span that Next.js passes on. */
  readonly spanId: string;
  /** The span for the whole request. */
  readonly request: Span;
}

/**
 * Shapes the spans that Next.js creates itself. The request stays one segment and gets its route; steps
 * that run code of the app are subsegments.
 */
export class NextInstrumentation {
  readonly #options: FrameworkOptions;
  readonly #hooks: readonly { unhook(): void }[];
  /** Contexts of requests that run, by the id of their span. */
  readonly #requests = new Map<string, Context>();

  constructor(options: FrameworkOptions) {
    const isVerbose = process.env['NEXT_OTEL_VERBOSE'] === '1';
    this.#options = { ...options, allSpans: options.allSpans || isVerbose };
    const tracer = (): Tracer => trace.getTracer('next.js');
    this.#hooks = [
      traceEdgeFunctions(tracer),
      recordReportedErrors(),
      traceTasks(tracer),
      patchFiles(PROPAGATION),
    ];
  }

  disable(): void {
    for (const hook of this.#hooks) hook.unhook();
  }

  /** Returns the tracer that Next.js gets in place of `tracer`. */
  tracer(tracer: Tracer, scope: string): Tracer {
    // `@vercel/otel`, which an app may start in `instrumentation.ts`.
    if (scope !== 'next.js') return this.#options.tracesFetch ? tracerFrom(folded) : tracer;
    return tracerFrom(
      (name, options, context) => this.#start(tracer, name, options, context),
      (context, options) => this.#adopt(context, options),
    );
  }

  #start(tracer: Tracer, name: string, options: SpanOptions, context: Context): Span {
    const around = trace.getSpan(context);
    const type = String(options.attributes?.['next.span_type'] ?? name);
    const parent = around?.spanContext();
    const isInside = parent !== undefined && isSpanContextValid(parent);
    if (REQUEST.has(type)) {
      if (isInside && parent.isRemote !== true) return this.#request(around as Span, context);
      // Without the http instrumentation, this span is the segment.
      return this.#options.spans ? tracer.startSpan(name, options, context) : droppedSpan();
    }
    // A server loads its pages when it starts.
    if (!isInside) return droppedSpan();
    setRoute(context, routeOf(name, options));
    const kept = this.#kept(type, name, options);
    if (kept !== undefined) return stepSpan(renamedSpan(tracer, kept, options, context));
    return REPORTING.has(type) ? foldedInto(around as Span) : silentlyFoldedInto(around as Span);
  }

  #kept(type: string, name: string, options: SpanOptions): RenamedSpan | undefined {
    const { spans, allSpans, tracesFetch } = this.#options;
    if (!spans) return undefined;
    if (type === FETCH) return tracesFetch ? undefined : { name, without: SPAN_NAME };
    const isShown = allSpans || TASKS.has(type);
    const shown = shownName(type, routeOf(name, options)) ?? (isShown ? name : undefined);
    return shown === undefined ? undefined : { name: shown, without: REPEATED };
  }

  /** Folds the span for the whole request, which sets the route once it is known. */
  #request(around: Span, context: Context): Span {
    const { spanId } = around.spanContext();
    if (around.isRecording() && !this.#requests.has(spanId)) {
      this.#requests.set(spanId, context);
      // In a custom server, a handler is around the part of Next.js.
      const request = getRPCMetadata(context)?.span ?? around;
      this.#watchEnd(around, { spanId, request });
    }
    const span = foldedInto(around);
    span.setAttributes = function (this: Span, attributes): Span {
      setRoute(context, attributes[ROUTE]);
      return this;
    };
    return span;
  }

  /**
   * Forgets a request when the server has answered it. Next.js sets the route after its part, which is
   * often later, for which the SDK would log a warning; and it sets that of a page for errors.
   */
  #watchEnd(span: Span, { spanId, request }: OpenRequest): void {
    const requests = this.#requests;
    const { setAttribute } = span;
    span.setAttribute = function (this: Span, key, value): Span {
      const isWanted = this.isRecording() && !(key === ROUTE && isErrorPage(value));
      return isWanted ? setAttribute.call(this, key, value) : this;
    };
    const { end } = request;
    request.end = function (this: Span, time): void {
      requests.delete(spanId);
      end.call(this, time);
    };
  }

  /**
   * Returns the context of the request where Next.js has lost it: it passes the trace from its middleware
   * to the page in headers of the request; or where there was none: it runs `instrumentation.ts`, which
   * may start tracing, with the first request.
   */
  #adopt(context: Context, { attributes }: SpanOptions): Context {
    const parent = trace.getSpanContext(context);
    if (parent !== undefined && parent.isRemote !== true) return context;
    const request = this.#passedOn(parent) ?? this.#late(attributes);
    const span = request && trace.getSpan(request);
    if (span === undefined) return context;
    const metadata = request && getRPCMetadata(request);
    const adopted = trace.setSpan(context, span);
    return metadata === undefined ? adopted : setRPCMetadata(adopted, metadata);
  }

  #passedOn(parent: SpanContext | undefined): Context | undefined {
    const request = parent && this.#requests.get(parent.spanId);
    const span = request && trace.getSpan(request);
    return span?.spanContext().traceId === parent?.traceId ? request : undefined;
  }

  #late(attributes: Attributes = {}): Context | undefined {
    if (!REQUEST.has(attributes['next.span_type'])) return undefined;
    const { 'http.method': method, 'http.target': target } = attributes;
    return this.#options.lateRequest?.({ method, target });
  }
}

function shownName(type: string, route: unknown): string | undefined {
  const name = NAMES[type];
  return name === RENDER && isErrorPage(route) ? 'render error page' : name;
}

function folded(_name: string, _options: SpanOptions, context: Context): Span {
  const around = trace.getSpan(context);
  return around === undefined ? droppedSpan() : silentlyFoldedInto(around);
}

/** Returns the route that a span has as attribute, or in its name: `executing api route (pages) /a`. */
function routeOf(name: string, { attributes }: SpanOptions): unknown {
  return attributes?.['next.route'] ?? / \(pages\) (\/.*)$/.exec(name)?.[1];
}

function setRoute(context: Context, route: unknown): void {
  if (!isErrorPage(route)) setPageRoute(context, route);
}

/**
 * Traces functions of an app for which Next.js has no span: server actions, and what runs in `after()`.
 *
 * @param tracer the tracer that shapes the spans of Next.js
 */
export function traceTasks(tracer: () => Tracer): { unhook(): void } {
  const start: StartTask = (type, name, attributes = {}) =>
    attempt('next', () =>
      tracer().startSpan(name, { attributes: { ...attributes, 'next.span_type': type } }),
    );
  const hooks = [patchFiles(actionPatches(start)), patchFiles(afterPatches(start))];
  return {
    unhook(): void {
      for (const hook of hooks) hook.unhook();
    },
  };
}
