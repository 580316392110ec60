import type { AwsParameterList } from '../../instrumentation/aws-parameters.ts';
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

/** The names of Java's distribution and of Python's, which say the same in another order. */
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
    description: `Headers of ${of} to record, a list.`,
  };
}

type HeaderRow = Setting<readonly string[]>;

export const INSTRUMENTATION: Rows<InstrumentationSettings> = {
  enabledInstrumentations: {
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: parseList },
    fallback: undefined,
    defaultLabel: 'all but those disabled',
    description: 'The only instrumentations that may load, a list: `http,express,pg`.',
  },
  disabledInstrumentations: {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: parseList },
    fallback: [],
    defaultLabel: 'those off by default: `dns,fs,generic-pool,lru-memoizer,net,router`',
    description: 'Further instrumentations that never load, a list; wins over the enabled ones.',
  },
  middlewareSpans: {
    env: { OTEL_XRAY_MIDDLEWARE_SPANS: parseBoolean },
    fallback: false,
    description:
      'Brings back a subsegment for each Express and Koa middleware, and each Express router.',
  },
  serverRequestHeaders: headers('SERVER', 'REQUEST', 'incoming requests'),
  serverResponseHeaders: headers('SERVER', 'RESPONSE', 'answers to them'),
  clientRequestHeaders: headers('CLIENT', 'REQUEST', 'outgoing requests'),
  clientResponseHeaders: headers('CLIENT', 'RESPONSE', 'answers to those'),
  awsParameters: {
    env: { OTEL_XRAY_AWS_PARAMETERS: parseText },
    fallback: undefined,
    description:
      'File in the form of the X-Ray SDKs’ `aws_whitelist.json`: parameters of AWS calls to record.',
  },
  baggageKeys: {
    env: { OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS: parseList },
    fallback: [],
    description: 'Baggage entries set as attributes on every span, a list; `*` is all.',
  },
  propagators: {
    env: { OTEL_PROPAGATORS: parseListOf(...PROPAGATOR_NAMES) },
    filePaths: ['propagator.composite', 'propagator.composite_list'],
    fallback: ['baggage', 'tracecontext', 'xray'],
    description: 'Headers read and written; of those that name a parent, the last wins.',
  },
  linkOtherParent: {
    env: { OTEL_XRAY_LINK_OTHER_PARENT: parseBoolean },
    fallback: false,
    description: 'Links a request to the parent that lost, where headers name two traces.',
  },
  logTraceIds: {
    env: { OTEL_XRAY_LOG_TRACE_ID: parseBoolean },
    fallback: true,
    description: 'Puts the trace id into each line of pino, winston and bunyan.',
  },
  logConsole: {
    env: { OTEL_XRAY_LOG_CONSOLE: parseBoolean },
    fallback: false,
    description: 'Puts it into the lines of `console` as well.',
  },
  sdkFacade: {
    env: { OTEL_XRAY_SDK_FACADE: (text) => parseOneOf('on', 'off')(text) === 'on' },
    fallback: true,
    defaultLabel: 'on',
    description:
      'Answers `require` and `import` of the X-Ray SDK (`aws-xray-sdk*`) with its names on OpenTelemetry spans.',
  },
};
