import { types } from 'node:util';
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { hrTime, suppressTracing } from '@opentelemetry/core';
import { AwsInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { outgoingHeader } from '../propagation/xray.ts';
import { type Attempts, recordAttempts, tracedAttempt, withAttempts } from './aws-attempts.ts';
import { invokeModelMetadata, isModelCall, streamOfCall, withSafeStream } from './aws-bedrock.ts';
import { attempt } from './guard.ts';
import { copyInput, type InputCopy, isUnchanged } from './input-copy.ts';

const NAME = 'aws-sdk';

/** A call of the AWS SDK, as hooks see it. */
export interface AwsRequest {
  /** E.g. `SQS`. */
  readonly serviceName: string;
  /** E.g. `SendMessage`. */
  readonly commandName: string;
  /**
   * A copy of the app's input. What a hook changes in it, down to the attributes of each message of
   * a batch, goes out with the call; the app's own objects stay as they are.
   */
  commandInput: unknown;
  /** Absent until the region provider of the client has answered. */
  region?: string | undefined;
}

/** The outcome of a successful call, as hooks see it. */
export interface AwsResponse {
  readonly request: AwsRequest;
  readonly data: unknown;
  readonly requestId: string | undefined;
}

/** Options of this instrumentation; a hook that throws is reported, and the call goes on. */
export interface AwsSdkConfig {
  /** Called with the span of a call before the call is made. */
  readonly preRequestHook?: (span: Span, info: { readonly request: AwsRequest }) => void;
  /** Called when a call has succeeded, before the app gets the result. */
  readonly responseHook?: (span: Span, info: { readonly response: AwsResponse }) => void;
}

/** What upstream's extensions for the services say about a call. */
interface RequestMetadata {
  /** The call returns a stream, whose end is the end of the span. */
  readonly isStream?: boolean;
}

/** The part of upstream's class that is used here; private there. */
interface UpstreamClass {
  readonly tracer: unknown;
  readonly _diag: unknown;
  readonly servicesExtensions: {
    requestPreSpanHook(request: AwsRequest, config: object, diag: unknown): RequestMetadata;
    requestPostSpanHook(request: AwsRequest): void;
    responseHook(
      response: AwsResponse,
      span: Span,
      tracer: unknown,
      config: object,
      startTime: unknown,
    ): unknown;
  };
  getConfig(): AwsSdkConfig;
  patchV3MiddlewareStack(moduleVersion: string | undefined, stack: object): void;
  _startAwsV3Span(request: AwsRequest, metadata: RequestMetadata): Span;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The app's command; only these properties are read. */
interface Command {
  readonly input?: unknown;
  readonly constructor?: { readonly name?: string };
}

/** What the client tells the middleware of a call. */
interface HandlerContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

interface ClientConfig {
  readonly serviceId?: string;
  region?(): unknown;
}

interface Metadata {
  readonly requestId?: string;
  readonly httpStatusCode?: number;
  readonly extendedRequestId?: string;
}

/** A call under way. */
interface TracedCall {
  readonly span: Span;
  readonly context: Context;
  readonly request: AwsRequest;
  readonly metadata: RequestMetadata;
  readonly startTime: unknown;
  readonly attempts: Attempts;
  /** What the app's own handler gets: the app's command, or a copy with more in its input. */
  readonly command: Command;
}

/**
 * Traces calls of the AWS SDK for JavaScript v3, with the facts that upstream's extensions know of
 * each service.
 *
 * The app's call is made at once and exactly once, and the app gets the very promise that its own
 * handler returns. Everything of ours runs beside it: code that throws is reported, and the call goes
 * on without what that code was to do. Hooks get a copy of the command's input, and the
 * changed copy is what is sent.
 */
export class AwsInstrumentation extends Upstream {
  /** Of the client whose `send` runs; commands of the app stay unmarked. */
  #clientConfig: ClientConfig | undefined;

  _getV3SmithyClientSendPatch(moduleVersion: string | undefined, original: Method): Method {
    const self = this;
    return function send(this: unknown, ...args: unknown[]): unknown {
      const client = this as { readonly config?: ClientConfig; readonly middlewareStack: object };
      attempt(NAME, () => self.patchV3MiddlewareStack(moduleVersion, client.middlewareStack));
      const before = self.#clientConfig;
      self.#clientConfig = client.config;
      try {
        return original.apply(this, args);
      } finally {
        self.#clientConfig = before;
      }
    };
  }

  _getV3MiddlewareStackResolvePatch(_version: string | undefined, original: Method): Method {
    const self = this;
    return function resolve(this: unknown, ...args: unknown[]): unknown {
      const [send, ...others] = args;
      const innermost = typeof send === 'function' ? tracedAttempt(send as Method) : send;
      const handler = original.call(this, innermost, ...others) as Method;
      return function tracedHandler(this: unknown, ...call: unknown[]): unknown {
        // Outside `send` nothing is called: a request is made ready for a presigned URL.
        if (self.#clientConfig === undefined) return handler.apply(this, call);
        const [command, ...rest] = call;
        const traced = attempt(NAME, () => self.#start(command as Command, args[1] as never));
        if (traced === undefined) return handler.apply(this, call);
        const run = (): unknown => handler.call(this, traced.command, ...rest);
        return self.#observe(traced, run);
      };
    };
  }

  /** Makes the app's call, and ends the span when the result is there. */
  #observe(traced: TracedCall, run: () => unknown): unknown {
    let result: unknown;
    let hasReturned = false;
    try {
      result = context.with(traced.context, run);
      hasReturned = true;
    } finally {
      // Without a catch: an error that is thrown again is printed with our line of source.
      if (!hasReturned) attempt(NAME, () => failSpan(traced, undefined));
    }
    if (!types.isPromise(result)) {
      attempt(NAME, () => traced.span.end());
      return result;
    }
    // The first to wait for it, so the span ends before the app goes on.
    result.then(
      (response) => void attempt(NAME, () => this.#succeed(traced, response as never)),
      (error: unknown) => void attempt(NAME, () => failSpan(traced, error)),
    );
    return result;
  }

  #start(command: Command, handlerContext: HandlerContext | undefined): TracedCall {
    const clientConfig = this.#clientConfig;
    const input = attempt(NAME, () => copyInput(command.input));
    const request = requestOf(command, input, clientConfig, handlerContext);
    const metadata = this.#metadataOf(request);
    const startTime = hrTime();
    const span = this._startAwsV3Span(request, metadata);
    attempt(NAME, () => recordRegion(span, request, clientConfig));
    const parent = trace.setSpan(context.active(), span);
    attempt(NAME, () => this.getConfig().preRequestHook?.(span, { request }));
    attempt(NAME, () =>
      context.with(parent, () => this.servicesExtensions.requestPostSpanHook(request)),
    );
    const attempts: Attempts = {
      header: attempt(NAME, () => outgoingHeader(parent)),
      count: 0,
      contentLength: undefined,
    };
    return {
      span,
      context: withAttempts(suppressTracing(parent), attempts),
      request,
      metadata,
      startTime,
      attempts,
      command: attempt(NAME, () => commandToSend(command, input)) ?? command,
    };
  }

  #metadataOf(request: AwsRequest): RequestMetadata {
    const ask = (asked: AwsRequest): RequestMetadata =>
      this.servicesExtensions.requestPreSpanHook(asked, this.getConfig(), this._diag);
    return (
      attempt(NAME, () =>
        isModelCall(request) ? invokeModelMetadata(request, ask) : ask(request),
      ) ?? {}
    );
  }

  #succeed(traced: TracedCall, response: { output?: unknown } | undefined): void {
    const { span, request, metadata } = traced;
    const output = response?.output;
    attempt(NAME, () => recordAttempts(span, traced.attempts));
    const metadataOfAnswer = attempt(NAME, () => recordAnswer(span, output));
    const seen: AwsResponse = { request, data: output, requestId: metadataOfAnswer?.requestId };
    const stream = metadata.isStream ? streamOfCall(request, output) : undefined;
    const replaced = attempt(NAME, () =>
      stream === undefined
        ? void this.#recordResponse(traced, seen)
        : withSafeStream(output as object, stream, (data) =>
            this.#recordResponse(traced, { ...seen, data }),
          ),
    );
    attempt(NAME, () => this.getConfig().responseHook?.(span, { response: seen }));
    // The end of the stream is the end of the span.
    if (replaced === undefined) span.end();
    else (response as { output: unknown }).output = replaced;
  }

  #recordResponse({ span, startTime }: TracedCall, response: AwsResponse): unknown {
    const { servicesExtensions: services, tracer } = this;
    return services.responseHook(response, span, tracer, this.getConfig(), startTime);
  }
}

function requestOf(
  command: Command,
  input: InputCopy<unknown> | undefined,
  clientConfig: ClientConfig | undefined,
  handlerContext: HandlerContext | undefined,
): AwsRequest {
  const service = clientConfig?.serviceId ?? handlerContext?.clientName?.replace(/Client$/, '');
  const commandName = handlerContext?.commandName ?? command.constructor?.name ?? 'Unknown';
  return {
    serviceName: (service || 'AWS').replace(/\s+/g, ''),
    commandName: commandName.replace(/Command$/, ''),
    commandInput: input?.copy ?? {},
  };
}

/** The region of a client comes from a function, which may look into files. */
function recordRegion(
  span: Span,
  request: AwsRequest,
  clientConfig: ClientConfig | undefined,
): void {
  Promise.resolve(clientConfig?.region?.()).then(
    (region) => {
      if (typeof region !== 'string') return;
      request.region = region;
      if (span.isRecording()) span.setAttribute('cloud.region', region);
    },
    // The call itself fails for the same reason.
    () => {},
  );
}

/** The app's own command, unless a hook has changed the copy of its input. */
function commandToSend(command: Command, input: InputCopy<unknown> | undefined): Command {
  if (input === undefined || !input.isFaithful || isUnchanged(input.copy, command.input)) {
    return command;
  }
  const copy = Object.assign(Object.create(Object.getPrototypeOf(command)), command) as Command;
  return Object.defineProperty(copy, 'input', { value: input.copy, enumerable: true });
}

/** Attributes that a result and an error have alike, by their names in `$metadata`. */
function recordMetadata(span: Span, metadata: Metadata | undefined): void {
  const { requestId, httpStatusCode, extendedRequestId } = metadata ?? {};
  if (requestId) span.setAttribute('aws.request.id', requestId);
  if (httpStatusCode) span.setAttribute('http.response.status_code', httpStatusCode);
  if (extendedRequestId) span.setAttribute('aws.request.extended_id', extendedRequestId);
}

function recordAnswer(span: Span, output: unknown): Metadata | undefined {
  const metadata = (output as { readonly $metadata?: Metadata } | undefined)?.$metadata;
  recordMetadata(span, metadata);
  return metadata;
}

interface ServiceError {
  readonly message?: string;
  readonly RequestId?: string;
  readonly extendedRequestId?: string;
  readonly $metadata?: Metadata;
}

/** Ends a span whose call failed. */
function failSpan({ span, attempts }: TracedCall, thrown: unknown): void {
  try {
    recordAttempts(span, attempts);
    const error = (thrown ?? {}) as ServiceError;
    const { $metadata, RequestId: requestId, extendedRequestId } = error;
    recordMetadata(span, {
      ...$metadata,
      ...(requestId && { requestId }),
      ...(extendedRequestId && { extendedRequestId }),
    });
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(error.message && { message: error.message }),
    });
    if (thrown !== undefined) span.recordException(thrown as Error);
  } finally {
    span.end();
  }
}
