import { types } from 'node:util';
import {
  type Attributes,
  type Context,
  context,
  type HrTime,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { hrTime, suppressTracing } from '@opentelemetry/core';
import { AwsInstrumentation as UpstreamInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { messageLinks } from '../../propagation/message-links.ts';
import { outgoingHeader } from '../../propagation/xray.ts';
import { currentTimeOf } from '../../span-clock.ts';
import { untraced } from '../../untraced.ts';
import { attempt } from '../wrap/guard.ts';
import { copyInput, type InputCopy, isUnchanged } from '../wrap/input-copy.ts';
import { type Attempts, recordAttempts, tracedAttempt, withAttempts } from './aws-attempts.ts';
import { invokeModelMetadata, isModelCall, streamOfCall, withSafeStream } from './aws-bedrock.ts';
import { endsWithBody } from './aws-bodies.ts';
import type { AwsRequest, AwsResponse } from './aws-call.ts';
import { endsWithEvents, functionEvents } from './aws-event-stream.ts';
import { awsFacts, publicInput } from './aws-facts.ts';
import { recordFailure, recordResult } from './aws-outcome.ts';
import { isConsumerPoll, isEmptyPoll, isPoll } from './aws-polls.ts';
import { recordReportedFailure } from './aws-reported-failure.ts';
import { traceMessages } from './aws-requests.ts';

const NAME = 'aws-sdk';

/** Options of this instrumentation; a hook that throws is reported, and the call goes on. */
export interface AwsSdkConfig {
  /** Called with the span of a call before the call is made. */
  readonly preRequestHook?: (span: Span, info: { readonly request: AwsRequest }) => void;
  /** Called when a call has succeeded, before the app gets the result. */
  readonly responseHook?: (span: Span, info: { readonly response: AwsResponse }) => void;
}

/** Metadata of a call from upstream's service extensions. */
interface RequestMetadata {
  readonly spanName?: string | undefined;
  readonly spanKind?: SpanKind | undefined;
  readonly spanAttributes?: Attributes | undefined;
  /** The call returns a stream, whose end is the end of the span. */
  readonly isStream?: boolean;
}

/** Private members of upstream's class that are used here. */
interface UpstreamClass {
  readonly tracer: Tracer;
  readonly _diag: unknown;
  readonly servicesExtensions: {
    requestPreSpanHook(request: AwsRequest, config: object, diag: unknown): RequestMetadata;
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
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** The app's command; only these properties are read. */
interface Command {
  readonly input?: unknown;
  readonly constructor?: { readonly name?: string };
}

/** The context that the client passes to middleware. */
interface HandlerContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

interface ClientConfig {
  readonly serviceId?: string;
  region?(): unknown;
}

/** A call under way. */
interface TracedCall {
  /** Absent for a poll outside a trace, whose span starts only if it returns something. */
  readonly span: Span | undefined;
  /** The context in which the call was made. */
  readonly parent: Context;
  /** The context in which the app's own handler runs. */
  readonly context: Context;
  readonly request: AwsRequest;
  readonly metadata: RequestMetadata;
  readonly startTime: HrTime;
  /** The same in milliseconds since the epoch: the clock by which a span that started earlier ends. */
  readonly startMs: number;
  readonly attempts: Attempts;
  /** The arguments of the app's handler: the app's command, or a copy with an extended input. */
  readonly command: Command;
}

/** A call whose span has started. */
type OpenCall = TracedCall & { readonly span: Span };

/**
 * Traces calls of the AWS SDK for JavaScript v3, with the metadata of upstream's service
 * extensions.
 *
 * The app's call is made immediately and exactly once, and the app receives the promise that its
 * own handler returns. An error in tracing code is logged, and the call continues without it. Hooks
 * receive a copy of the command's input, and the changed copy is sent.
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
        // Outside `send` no call is made: the request is only prepared, for a presigned URL.
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
      // No `catch`: Node.js prints the source line of a rethrow, which would be ours.
      if (!hasReturned) attempt(NAME, () => this.#fail(traced, undefined));
    }
    if (!types.isPromise(result)) {
      attempt(NAME, () => traced.span?.end());
      return result;
    }
    // The first reaction of the promise, so the span ends before the app continues.
    result.then(
      (response) => void attempt(NAME, () => this.#succeed(traced, response as never)),
      (error: unknown) => void attempt(NAME, () => this.#fail(traced, error)),
    );
    return result;
  }

  #start(command: Command, handlerContext: HandlerContext | undefined): TracedCall {
    const clientConfig = this.#clientConfig;
    const input = attempt(NAME, () => copyInput(command.input));
    const request = requestOf(command, input, clientConfig, handlerContext);
    const metadata = this.#metadataOf(request);
    const startTime = hrTime();
    const startMs = Date.now();
    const parent = context.active();
    const isDeferred = isPoll(request) && trace.getSpan(parent) === undefined;
    const span = isDeferred ? undefined : this.#startSpan(request, metadata, parent);
    const own = span === undefined ? parent : trace.setSpan(parent, span);
    attempt(NAME, () => followRegion(span, request, clientConfig));
    attempt(NAME, () => traceMessages(request, own));
    const attempts: Attempts = {
      header: attempt(NAME, () => outgoingHeader(own)),
      count: 0,
      contentLength: undefined,
    };
    return {
      span,
      parent,
      context: withAttempts(suppressTracing(own), attempts),
      request,
      metadata,
      startTime,
      startMs,
      attempts,
      command: attempt(NAME, () => commandToSend(command, input)) ?? command,
    };
  }

  #startSpan(
    request: AwsRequest,
    { spanName, spanKind = SpanKind.CLIENT, spanAttributes }: RequestMetadata,
    parent: Context,
    startMs?: number,
  ): Span {
    const { serviceName, commandName, region } = request;
    const attributes: Attributes = {
      'rpc.system': 'aws-api',
      'rpc.service': serviceName,
      'rpc.method': commandName,
      ...(region !== undefined && { 'cloud.region': region }),
      ...spanAttributes,
      ...attempt(NAME, () => awsFacts(serviceName, request.commandInput)),
    };
    const name = spanName ?? `${serviceName}.${commandName}`;
    const options = {
      kind: spanKind,
      attributes,
      ...(startMs !== undefined && { startTime: startMs }),
    };
    const span = this.tracer.startSpan(name, options, parent);
    attempt(NAME, () => this.getConfig().preRequestHook?.(span, { request }));
    return span;
  }

  #metadataOf(request: AwsRequest): RequestMetadata {
    const ask = (asked: AwsRequest): RequestMetadata =>
      this.servicesExtensions.requestPreSpanHook(asked, this.getConfig(), this._diag);
    const metadata = attempt(NAME, () => {
      const asked = { ...request, commandInput: publicInput(request.commandInput) };
      return isModelCall(asked) ? invokeModelMetadata(asked, ask) : ask(asked);
    });
    // By the semantic conventions, receiving is a CLIENT call; upstream uses the older CONSUMER.
    return isPoll(request) ? { ...metadata, spanKind: SpanKind.CLIENT } : (metadata ?? {});
  }

  /** The call with its span, which starts now if it was deferred. */
  #opened(traced: TracedCall): OpenCall {
    const { request, metadata, parent, startMs } = traced;
    return {
      ...traced,
      span: traced.span ?? this.#startSpan(request, metadata, parent, startMs),
    };
  }

  #succeed(traced: TracedCall, response: { output?: unknown } | undefined): void {
    const output = response?.output;
    const isTracedElsewhere = (): boolean =>
      isConsumerPoll(traced.parent) || isEmptyPoll(traced.request, output);
    if (traced.span === undefined && isTracedElsewhere()) return;
    const call = this.#opened(traced);
    const { span, request, metadata } = call;
    attempt(NAME, () => recordAttempts(span, call.attempts));
    const requestId = attempt(NAME, () => recordResult(span, output));
    attempt(NAME, () => recordReportedFailure(span, request, output));
    const seen: AwsResponse = { request, data: output, requestId };
    const stream = metadata.isStream ? streamOfCall(request, output) : undefined;
    const replaced = attempt(NAME, () =>
      stream === undefined
        ? void this.#recordResponse(call, seen)
        : withSafeStream(output as object, stream, (data) =>
            this.#recordResponse(call, { ...seen, data }),
          ),
    );
    attempt(NAME, () => this.getConfig().responseHook?.(span, { response: seen }));
    // The end of the stream, or of the body, is the end of the span.
    if (replaced === undefined) {
      const events = attempt(NAME, () => functionEvents(request, output));
      if (
        events !== undefined &&
        attempt(NAME, () => endsWithEvents(span, events, call.attempts.body)) === true
      ) {
        unreadStreams.register(events, { span, time: currentTimeOf(span) });
        return;
      }
      if (attempt(NAME, () => endsWithBody(span, call.attempts.body)) !== true) span.end();
      return;
    }
    (response as { output: unknown }).output = replaced;
    const held = (replaced as Readonly<Record<string, object>>)[stream as string];
    if (held !== undefined) unreadStreams.register(held, { span, time: currentTimeOf(span) });
  }

  /** @param thrown `undefined` if the handler threw instead of returning a promise */
  #fail(traced: TracedCall, thrown: unknown): void {
    const isAbort = (thrown as { readonly name?: unknown } | undefined)?.name === 'AbortError';
    // A worker that stops aborts its poll, which has returned nothing.
    if (traced.span === undefined && isAbort) return;
    const { span, request, attempts } = this.#opened(traced);
    try {
      recordAttempts(span, attempts);
      if (thrown === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      else recordFailure(span, thrown, phoneNumberOf(request));
    } finally {
      span.end();
    }
  }

  #recordResponse({ span, request, startTime }: OpenCall, response: AwsResponse): unknown {
    if (request.serviceName === 'SQS' && request.commandName === 'ReceiveMessage') {
      return recordMessages(span, response.data);
    }
    const { servicesExtensions: services, tracer } = this;
    return services.responseHook(response, span, tracer, this.getConfig(), startTime);
  }
}

/** Ends the spans of streams that the app drops before it has read them, with the time of the result. */
const unreadStreams = new FinalizationRegistry<{ readonly span: Span; readonly time: TimeInput }>(
  ({ span, time }) => void attempt(NAME, () => span.isRecording() && span.end(time)),
);

/** Links the span of a receive call to the senders of its messages. */
function recordMessages(span: Span, output: unknown): void {
  const { Messages } = output as { readonly Messages?: unknown };
  const messages = Array.isArray(Messages) ? Messages : [];
  span.setAttribute('messaging.batch.message_count', messages.length);
  for (const link of messageLinks(messages)) span.addLink(link);
}

function phoneNumberOf({ commandInput }: AwsRequest): string | undefined {
  const { PhoneNumber } = commandInput as { readonly PhoneNumber?: unknown };
  return typeof PhoneNumber === 'string' && PhoneNumber !== '' ? PhoneNumber : undefined;
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

/** The region of a client comes from a function, which may read files or make requests. */
function followRegion(
  span: Span | undefined,
  request: AwsRequest,
  clientConfig: ClientConfig | undefined,
): void {
  Promise.resolve(untraced(() => clientConfig?.region?.())).then(
    (region) => {
      if (typeof region !== 'string') return;
      request.region = region;
      if (span?.isRecording()) span.setAttribute('cloud.region', region);
    },
    // The call itself fails for the same reason.
    () => {},
  );
}

/** Returns the app's own command, or a copy of it if a hook has changed the copy of its input. */
function commandToSend(command: Command, input: InputCopy<unknown> | undefined): Command {
  if (input === undefined || !input.isFaithful || isUnchanged(input.copy, command.input)) {
    return command;
  }
  const copy = Object.assign(Object.create(Object.getPrototypeOf(command)), command) as Command;
  return Object.defineProperty(copy, 'input', { value: input.copy, enumerable: true });
}
