import type { AwsParameterList } from '../../instrumentation/aws/aws-parameters.ts';
import { OFF_BY_DEFAULT } from '../../instrumentation/off-by-default.ts';
import { DEFAULT_PROPAGATORS } from '../../propagation/names.ts';
import {
  parseBoolean,
  parseHeaderNames,
  parseList,
  parseListOf,
  parseOneOf,
  parseText,
} from '../parse.ts';
import type { Rows, Setting } from '../setting.ts';

const PROPAGATOR_NAMES = [
  'xray',
  'xray-lambda',
  'tracecontext',
  'baggage',
  'b3',
  'b3multi',
  'none',
] as const;
export type PropagatorName = (typeof PROPAGATOR_NAMES)[number];

/** What makes spans, and what travels with requests and log lines. */
export interface InstrumentationSettings {
  readonly enabledInstrumentations: readonly string[] | undefined;
  readonly disabledInstrumentations: readonly string[];
  readonly middlewareSpans: boolean;
  readonly connectSpans: boolean;
  readonly clientRequestHeaders: readonly string[];
  readonly clientResponseHeaders: readonly string[];
  readonly serverRequestHeaders: readonly string[];
  readonly serverResponseHeaders: readonly string[];
  readonly awsParameters: string | AwsParameterList | undefined;
  readonly baggageKeys: readonly string[];
  readonly propagators: readonly PropagatorName[];
  readonly linkOtherParent: boolean;
  readonly logTraceIds: boolean;
  readonly logConsole: boolean;
  readonly sdkFacade: boolean;
}

/**
 * Returns a row with the names of Java's distribution and of Python's, which say the same in
 * another order.
 */
function headers(side: 'CLIENT' | 'SERVER', part: 'REQUEST' | 'RESPONSE', of: string): HeaderRow {
  return {
    env: {
      [`OTEL_INSTRUMENTATION_HTTP_${side}_CAPTURE_${part}_HEADERS`]: parseHeaderNames,
      [`OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_${side}_${part}`]: parseHeaderNames,
    },
    filePaths: [
      `instrumentation/development.general.http.${side.toLowerCase()}.${part.toLowerCase()}_captured_headers`,
    ],
    fallback: [],
    description: `${of} to record (list).`,
  };
}

type HeaderRow = Setting<readonly string[]>;

export const INSTRUMENTATION: Rows<InstrumentationSettings> = {
  enabledInstrumentations: {
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: parseList },
    fallback: undefined,
    defaultLabel: 'all except disabled ones',
    description: 'Instrumentations to load (list); all others are disabled: `http,express,pg`.',
  },
  disabledInstrumentations: {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: parseList },
    fallback: [],
    defaultLabel: `\`${OFF_BY_DEFAULT.join(',')}\``,
    description: 'Instrumentations to disable (list); takes precedence over the enabled ones.',
  },
  middlewareSpans: {
    env: { OTEL_XRAY_MIDDLEWARE_SPANS: parseBoolean },
    fallback: false,
    description:
      'Records a subsegment for each middleware, router and hook of Express, Koa, connect, Hono, Restify, Fastify and hapi, for each step of GraphQL, and for internal steps of Next.js, SvelteKit and Apollo Gateway.',
  },
  connectSpans: {
    env: { OTEL_XRAY_CONNECT_SPANS: parseBoolean },
    fallback: false,
    description:
      'Records a subsegment for each connection of pg, redis 5.12 and later, ioredis and oracledb, and for each wait for a pool of pg.',
  },
  serverRequestHeaders: headers('SERVER', 'REQUEST', 'Request headers of incoming requests'),
  serverResponseHeaders: headers('SERVER', 'RESPONSE', 'Response headers of incoming requests'),
  clientRequestHeaders: headers('CLIENT', 'REQUEST', 'Request headers of outgoing requests'),
  clientResponseHeaders: headers('CLIENT', 'RESPONSE', 'Response headers of outgoing requests'),
  awsParameters: {
    env: { OTEL_XRAY_AWS_PARAMETERS: parseText },
    fallback: undefined,
    description:
      'File with parameters of AWS calls to record, in the format of `aws_whitelist.json` of the X-Ray SDKs.',
  },
  baggageKeys: {
    env: { OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS: parseList },
    fallback: [],
    description: 'Baggage entries to set as attributes on every span (list); `*` for all.',
  },
  propagators: {
    env: { OTEL_PROPAGATORS: parseListOf(...PROPAGATOR_NAMES) },
    filePaths: ['propagator.composite', 'propagator.composite_list'],
    fallback: DEFAULT_PROPAGATORS,
    description:
      'Propagators (list); if several headers name a parent, the last one in the list wins.',
  },
  linkOtherParent: {
    env: { OTEL_XRAY_LINK_OTHER_PARENT: parseBoolean },
    fallback: false,
    description:
      'If headers name two different parents, adds a span link to the one that is not used.',
  },
  logTraceIds: {
    env: { OTEL_XRAY_LOG_TRACE_ID: parseBoolean },
    fallback: true,
    description: 'Adds the trace id to log lines of pino, winston and bunyan.',
  },
  logConsole: {
    env: { OTEL_XRAY_LOG_CONSOLE: parseBoolean },
    fallback: false,
    description: 'Adds the trace id to lines of `console`.',
  },
  sdkFacade: {
    env: { OTEL_XRAY_SDK_FACADE: (text) => parseOneOf('on', 'off')(text) === 'on' },
    fallback: true,
    defaultLabel: 'on',
    description:
      'Replaces the X-Ray SDK (`aws-xray-sdk*`) with the same functions, implemented with OpenTelemetry spans.',
  },
};
