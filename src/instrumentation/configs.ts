import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Span } from '@opentelemetry/api';
import { LOG_FIELD, logInstrumentationOptions } from '../logs/hook.ts';
import { answerOf, promptOf } from './aws/aws-bedrock-content.ts';
import type { AwsRequest, AwsResponse } from './aws/aws-call.ts';
import type { AwsParameterHooks } from './aws/aws-parameters.ts';
import { forwardsRequests, isOwnCallOfFramework } from './frameworks/framework-calls.ts';
import { annotateOperation } from './graphql/graphql-operation.ts';
import { watchFetches } from './http/fetch-ends.ts';
import { recordEnd, watchRequest, watchResponse } from './http/http-ends.ts';
import { incomingTarget, outgoingAttributes } from './http/http-targets.ts';
import { isMetadataCall, isMetadataOrigin } from './http/metadata-calls.ts';
import { nameEvent } from './messaging/socket-io-names.ts';
import { recordErrorsOf } from './spans/graphql-errors.ts';

/**
 * Options of the instrumentations that differ from upstream's defaults.
 *
 * Express and Koa create a span for every middleware, Express also for every router. They make a trace
 * five times as large and add little, so they are disabled unless requested. Route handlers, which Koa
 * calls routers, keep their spans (docs/spec/migration.md).
 */
export interface InstrumentationHooks {
  /** Called with the span and the message of either side, before headers are sent. */
  readonly onResponse?: ((span: unknown, response: unknown, own?: Context) => void) | undefined;
  /** Whether log lines get the trace id. */
  readonly logTraceIds: boolean;
  readonly middlewareSpans: boolean;
  /** Whether prompts to models and their answers are recorded. */
  readonly messageContent: boolean;
  /** Whether successful connections to a database get a span. */
  readonly connectSpans: boolean;
  /** Names of the headers to record; absent if there are none. */
  readonly headers?: CapturedHeaders | undefined;
  /** Records parameters of AWS calls. */
  readonly awsParameters?: AwsParameterHooks | undefined;
}

/** Headers to record, in the form of the http instrumentation. */
export interface CapturedHeaders {
  readonly client: HeaderNames;
  readonly server: HeaderNames;
}

interface HeaderNames {
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
}

/** The argument of the aws-sdk instrumentation's hook before a call. */
interface AwsCall {
  readonly request: AwsRequest;
}

/** The argument of the aws-sdk instrumentation's hook after a call. */
interface AwsAnswer {
  readonly response: AwsResponse;
}

type Configs = Readonly<Record<string, (hooks: InstrumentationHooks) => object>>;

const withoutLayers =
  (...ignoreLayersType: readonly string[]) =>
  ({ middlewareSpans }: InstrumentationHooks): object =>
    middlewareSpans ? {} : { ignoreLayersType };
const logs = ({ logTraceIds }: InstrumentationHooks): object =>
  logInstrumentationOptions(logTraceIds ? LOG_FIELD : undefined);

const content = ({ messageContent }: InstrumentationHooks): object => ({ messageContent });

const CONFIGS: Configs = {
  ai: content,
  anthropic: content,
  'aws-sdk': ({ awsParameters, messageContent }) => ({
    preRequestHook(span: Span, { request }: AwsCall) {
      awsParameters?.onRequest(span, request);
      if (messageContent) span.setAttributes(promptOf(request));
    },
    responseHook(span: Span, { response }: AwsAnswer) {
      awsParameters?.onResponse(span, response);
      if (messageContent) span.setAttributes(answerOf(response));
    },
  }),
  bunyan: logs,
  'chat-clients': content,
  express: withoutLayers('middleware', 'router'),
  fastify: ({ middlewareSpans }) => ({ registerOnInitialization: true, middlewareSpans }),
  'google-genai': content,
  graphql: ({ middlewareSpans }) => ({
    ignoreTrivialResolveSpans: !middlewareSpans,
    mergeItems: true,
    responseHook: (span: Span, result: unknown) => {
      annotateOperation(span);
      recordErrorsOf(span, result);
    },
  }),
  hono: ({ middlewareSpans }) => ({ middlewareSpans }),
  http: ({ onResponse, headers }) => ({
    ...(forwardsRequests() && { ignoreIncomingRequestHook: () => true }),
    // Wrapped, because the build loads the modules of these functions with the first span.
    ignoreOutgoingRequestHook: (options: Parameters<typeof isMetadataCall>[0]) =>
      isMetadataCall(options),
    startOutgoingSpanHook: (options: Parameters<typeof outgoingAttributes>[0]) =>
      outgoingAttributes(options),
    startIncomingSpanHook: (request: IncomingMessage) => incomingTarget(request),
    requestHook: (span: Span, request: ClientRequest | IncomingMessage) =>
      watchRequest(span, request),
    responseHook: (span: Span, response: IncomingMessage | ServerResponse, own?: Context) => {
      onResponse?.(span, response, own);
      watchResponse(span, response);
    },
    applyCustomAttributesOnSpan: (
      span: Span,
      request: ClientRequest | IncomingMessage,
      response: IncomingMessage | ServerResponse,
    ) => recordEnd(span, request, response),
    ...(headers && { headersToSpanAttributes: headers }),
  }),
  ioredis: ({ connectSpans }) => ({ connectSpans }),
  koa: withoutLayers('middleware'),
  mcp: content,
  openai: content,
  oracledb: ({ connectSpans }) => ({ connectSpans }),
  pg: ({ connectSpans }) => ({ ignoreConnectSpans: !connectSpans }),
  pino: logs,
  'socket.io': () => ({
    onHook: (span: Span) => nameEvent(span),
    emitHook: (span: Span) => nameEvent(span),
  }),
  undici: ({ headers }) => ({
    ...(headers && { headersToSpanAttributes: headers.client }),
    ...watchFetches(),
    ignoreRequestHook: (request: { readonly origin?: unknown }) =>
      isMetadataOrigin(`${request.origin}`) || isOwnCallOfFramework(request),
  }),
  winston: logs,
};

/** Returns the options for the constructor of the named instrumentation. */
export function instrumentationConfig(name: string, hooks: InstrumentationHooks): object {
  return CONFIGS[name]?.(hooks) ?? {};
}
