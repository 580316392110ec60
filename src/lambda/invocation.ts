import {
  type Attributes,
  type Context,
  context,
  type ProxyTracerProvider,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../api/errors.ts';
import { exceptionAttributes } from '../api/exception.ts';
import { attempt } from '../attempt.ts';
import { asInProgress } from '../exporter/in-progress.ts';
import { type InvokedRequest, invokedRequest } from '../instrumentation/spans/invoked-request.ts';
import { isDeferred, lambdaTraceHeader, withPassThrough } from '../propagation/index.ts';
import { atDeadline, delayBeforeDeadline } from './deadline.ts';
import { durableExecutionArn, durableOutcome, isSuspended } from './durable.ts';
import { eventFacts, NO_FACTS } from './event.ts';
import { batchSpan, eventLinks } from './messages.ts';
import { type OpenSpans, openSpansOf, withOpenSpans } from './open-spans.ts';
import type { Outcome } from './outcome.ts';
import { invocationContext } from './parent.ts';
import { type LambdaPort, lambdaPort } from './port.ts';
import { responseStatus } from './response-status.ts';

/** The fields of a handler's context object that we read. Their types are unverified. */
export interface LambdaContext {
  readonly awsRequestId?: unknown;
  readonly functionName?: unknown;
  readonly invokedFunctionArn?: unknown;
  readonly getRemainingTimeInMillis?: unknown;
}

/** What the wrapper needs from outside. */
export interface LambdaDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The global object, where the runtime keeps its invoke store. */
  readonly globals: object;
  /** Returns whether this invocation is a cold start. Call it once per invocation. */
  readonly takeColdStart: () => boolean;
  /** Creates the spans; default: the registered tracer. */
  readonly tracer?: SpanStarter;
  /** Sends the spans; default: that of `register`. */
  readonly port?: LambdaPort;
}

export interface SpanStarter {
  startSpan(name: string, options: SpanOptions, context: Context): Span;
}

export interface Invocation {
  /** The context in which the handler runs. */
  readonly context: Context;
  /**
   * Ends the spans and sends them synchronously. Later calls do nothing.
   *
   * @returns the promise of the app's own provider, if `register` has not run
   */
  finish(outcome: Outcome): Promise<void> | undefined;
}

/** The longest time that sending blocks at the end of an invocation. */
const FLUSH_LIMIT_MS = 200;

/**
 * Returns whether the current context belongs to this invocation, whose handler is then already traced.
 *
 * Being inside another invocation is not enough: a runtime may start the next invocation from the
 * callback of the previous one.
 */
export function inInvocation(lambdaContext: LambdaContext): boolean {
  const open = openSpansOf(context.active());
  if (open === undefined || open.finished) return false;
  const id = lambdaContext.awsRequestId;
  return open.of === lambdaContext || (typeof id === 'string' && open.of.awsRequestId === id);
}

/**
 * Starts the span of an invocation, a child of the function segment that Lambda sends.
 *
 * Attributes follow OpenTelemetry's conventions for FaaS, HTTP and messaging.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
 */
export function startInvocation(
  event: unknown,
  lambdaContext: LambdaContext,
  deps: LambdaDeps,
): Invocation {
  const tracer = deps.tracer ?? registeredTracer();
  const facts = attempt('reading an event', () => eventFacts(event)) ?? NO_FACTS;
  const header = lambdaTraceHeader({
    env: deps.env,
    handlerContext: lambdaContext,
    globals: deps.globals,
  });
  const open: OpenSpans = { of: lambdaContext, spans: new Set(), finished: false };
  const parent = withOpenSpans(invocationContext(header, facts.headers), open);
  const upstream = trace.getSpanContext(parent);
  // Without a decision Lambda sends no function segment: only propagate the trace.
  if (upstream !== undefined && isDeferred(upstream)) return passThrough(parent, open);
  const coldStart = deps.takeColdStart();
  const execution = attempt('reading an event', () => durableExecutionArn(event));
  const attributes: Attributes = {
    ...invocationAttributes(lambdaContext, coldStart),
    ...facts.attributes,
    ...(execution !== undefined && { 'aws.lambda.durable_execution.arn': execution }),
  };
  const name = textOf(lambdaContext.functionName) ?? deps.env['AWS_LAMBDA_FUNCTION_NAME'];
  const links = (attempt('reading an event', () => eventLinks(event)) ?? []).filter(
    (link) => link.context.traceId !== upstream?.traceId,
  );
  const options = { kind: SpanKind.SERVER, attributes, links };
  const span = tracer.startSpan(name ?? 'lambda', options, parent);
  const active = trace.setSpan(parent, span);
  const spans = [startBatch(tracer, facts.messages, active), span];
  const isRequest = span.isRecording() && facts.attributes['http.request.method'] !== undefined;
  const request = isRequest
    ? invokedRequest(span, facts.attributes['http.route'], active)
    : undefined;
  const stopWatch = span.isRecording() ? watchDeadline(lambdaContext, open) : undefined;
  return {
    context: request?.context ?? active,
    finish(outcome) {
      if (open.finished) return undefined;
      open.finished = true;
      stopWatch?.();
      if (execution !== undefined && isSuspended(outcome)) endOpenSpans(open, spans);
      const shown = execution === undefined ? outcome : durableOutcome(outcome);
      for (const each of spans)
        if (each !== undefined) endSpan(each, shown, each === span, request);
      const port = deps.port ?? lambdaPort();
      port?.flushSync(FLUSH_LIMIT_MS);
      return port === undefined ? flushProvider() : undefined;
    },
  };
}

/** Ends what the app started in a durable execution that waits, innermost first. */
function endOpenSpans(open: OpenSpans, except: readonly (Span | undefined)[]): void {
  const spans = [...open.spans] as unknown as Span[];
  for (const span of spans.reverse()) if (!except.includes(span)) span.end();
}

let lastProvider: unknown;
let lastTracer: SpanStarter | undefined;

/** Returns the tracer of the registered provider, which is looked up again when the app replaces it. */
function registeredTracer(): SpanStarter {
  const provider = registeredProvider();
  if (provider !== lastProvider || lastTracer === undefined) {
    lastTracer = trace.getTracer('otel-xray/lambda');
    lastProvider = provider;
  }
  return lastTracer;
}

function registeredProvider(): Flushable {
  const provider = trace.getTracerProvider() as Partial<ProxyTracerProvider> & Flushable;
  return (provider.getDelegate?.() ?? provider) as Flushable;
}

function passThrough(parent: Context, open: OpenSpans): Invocation {
  return {
    context: withPassThrough(parent),
    finish() {
      open.finished = true;
      return undefined;
    },
  };
}

/** Flushes a provider that the app set up itself. */
function flushProvider(): Promise<void> | undefined {
  return registeredProvider()
    .forceFlush?.()
    .catch(() => {});
}

interface Flushable {
  forceFlush?(): Promise<void>;
}

function startBatch(
  tracer: SpanStarter,
  messages: Parameters<typeof batchSpan>[0],
  active: Context,
): Span | undefined {
  if (trace.getSpan(active)?.isRecording() !== true) return undefined;
  const batch = batchSpan(messages);
  if (batch === undefined) return undefined;
  const { name, attributes, links } = batch;
  return tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes, links }, active);
}

/** @returns a function that ends the watch */
function watchDeadline(lambdaContext: LambdaContext, open: OpenSpans): (() => void) | undefined {
  const delay = delayBeforeDeadline(remainingMs(lambdaContext));
  const port = lambdaPort();
  if (delay === undefined || port === undefined) return undefined;
  return atDeadline(delay, () => sendOpen(port, open));
}

/**
 * Sends the open spans as in progress. Also flushes finished spans, because nothing can be sent
 * after the deadline.
 */
function sendOpen(port: LambdaPort, open: OpenSpans): void {
  port.sendInProgress([...open.spans].map(asInProgress));
  port.flushSync(FLUSH_LIMIT_MS);
}

function remainingMs({ getRemainingTimeInMillis }: LambdaContext): unknown {
  return typeof getRemainingTimeInMillis === 'function' ? getRemainingTimeInMillis() : undefined;
}

function invocationAttributes(lambdaContext: LambdaContext, coldStart: boolean): Attributes {
  const arn = textOf(lambdaContext.invokedFunctionArn);
  const attributes: Attributes = { 'faas.coldstart': coldStart };
  const id = textOf(lambdaContext.awsRequestId);
  if (id !== undefined) attributes['faas.invocation_id'] = id;
  if (arn !== undefined) attributes['cloud.resource_id'] = arn;
  const account = arn?.split(':')[4];
  if (account) attributes['cloud.account.id'] = account;
  return attributes;
}

/** @param answers whether the span is that of the invocation */
function endSpan(
  span: Span,
  outcome: Outcome,
  answers: boolean,
  request: InvokedRequest | undefined,
): void {
  const isFailed = 'error' in outcome;
  const status = isFailed || !answers ? undefined : responseStatus(outcome.value, outcome.stream);
  if (answers) request?.end(status);
  if (isFailed) markFailed(span, outcome.error);
  else markAnswered(span, status);
  span.end();
}

function markFailed(span: Span, error: unknown): void {
  recordError(span, error);
  const type = exceptionAttributes(error)['exception.type'];
  if (type !== undefined) span.setAttribute('error.type', type);
}

/** Records the status of an HTTP response; 500 and above mark the span as failed. */
function markAnswered(span: Span, status: number | undefined): void {
  if (status === undefined) return;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
