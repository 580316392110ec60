import { type DaemonAddress, DEFAULT_DAEMON, parseDaemonAddress } from '../daemon-address.ts';
import {
  parseBoolean,
  parseList,
  parseListOf,
  parseOneOf,
  parsePairs,
  parsePositive,
  parseText,
  parseWhole,
} from './parse.ts';

/**
 * Every environment variable we read, one row each.
 *
 * Names that OpenTelemetry or the X-Ray SDKs define keep their exact meaning. Where both families
 * speak, the first name of the row wins.
 *
 * @see spec/environment.md
 */
export interface Setting<T> {
  /** Names in order of precedence, each with its own reader. */
  readonly env: Readonly<Record<string, (text: string) => T>>;
  readonly fallback: T;
  /** How the fallback is shown; made from it when absent. */
  readonly shown?: string;
  readonly about: string;
}

/** Log levels of OpenTelemetry. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

const count = parseWhole(1);
const limit = parseWhole(0);

const X_RAY_LEVELS: Readonly<Record<string, LogLevel>> = { silent: 'none' };
const xrayLevel = parseOneOf('debug', 'info', 'warn', 'error', 'silent');

/** The X-Ray SDK for Python's words for off and on. */
const OFF = ['n', 'no', 'f', 'false', 'off', '0'];
const ON = ['y', 'yes', 't', 'true', 'on', '1'];

function parseEnabled(text: string): boolean {
  const word = text.toLowerCase();
  if (OFF.includes(word)) return false;
  if (ON.includes(word)) return true;
  throw new TypeError(`expected one of ${[...ON, ...OFF].join(', ')}`);
}

const SAMPLER_NAMES = [
  'xray',
  'parentbased_xray',
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

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

const EXPORTER_NAMES = ['xray', 'otlp', 'console', 'none'] as const;
export type ExporterName = (typeof EXPORTER_NAMES)[number];

/** The configuration in force; what each value means stands in {@link SETTINGS}. */
export interface Config {
  readonly disabled: boolean;
  readonly serviceName: string | undefined;
  readonly tracingName: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly daemonAddress: DaemonAddress;
  readonly exporters: readonly ExporterName[];
  readonly sampler: SamplerName | undefined;
  readonly samplerArg: string | undefined;
  readonly samplingRules: string | undefined;
  readonly ignorePaths: readonly string[];
  readonly ignoreHealthChecks: boolean;
  readonly propagators: readonly PropagatorName[];
  readonly linkOtherParent: boolean;
  readonly enabledInstrumentations: readonly string[] | undefined;
  readonly disabledInstrumentations: readonly string[];
  readonly middlewareSpans: boolean;
  readonly resourceDetectors: readonly string[];
  readonly annotations: readonly string[];
  readonly collectSqlQueries: boolean;
  readonly logGroups: readonly string[];
  readonly logTraceIds: boolean;
  readonly logConsole: boolean;
  readonly dynamicNaming: string | undefined;
  readonly downstreamTraced: boolean;
  readonly nesting: boolean;
  readonly bytesPerMs: number;
  readonly inProgressSeconds: number | undefined;
  readonly dump: string | undefined;
  readonly contextMissing: 'LOG_ERROR' | 'RUNTIME_ERROR' | 'IGNORE_ERROR';
  readonly logLevel: LogLevel;
  readonly scheduleDelayMs: number;
  readonly exportTimeoutMs: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly attributeValueLengthLimit: number | undefined;
  readonly attributeCountLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

export type SettingName = keyof Config;

/** In the order in which README shows them. */
export const SETTINGS: { readonly [Name in SettingName]: Setting<Config[Name]> } = {
  disabled: {
    env: {
      OTEL_SDK_DISABLED: parseBoolean,
      AWS_XRAY_SDK_ENABLED: (text) => !parseEnabled(text),
    },
    fallback: false,
    about: 'Switches everything off: no hook, socket or timer.',
  },
  serviceName: {
    env: { OTEL_SERVICE_NAME: parseText },
    fallback: undefined,
    shown: '`service.name` of the resource, `AWS_XRAY_TRACING_NAME`, npm package name',
    about: 'Name of the service, and of its segments.',
  },
  tracingName: {
    env: { AWS_XRAY_TRACING_NAME: parseText },
    fallback: undefined,
    about: 'The same as the X-Ray SDK names it; used when `OTEL_SERVICE_NAME` is not set.',
  },
  resourceAttributes: {
    env: { OTEL_RESOURCE_ATTRIBUTES: parsePairs },
    fallback: {},
    shown: '',
    about: 'What to say of the service: `key=value,key=value`.',
  },
  daemonAddress: {
    env: { AWS_XRAY_DAEMON_ADDRESS: parseDaemonAddress },
    fallback: DEFAULT_DAEMON,
    shown: '127.0.0.1:2000',
    about: 'Where the X-Ray daemon listens: `host:port`, or `tcp:host:port udp:host:port`.',
  },
  exporters: {
    env: { OTEL_TRACES_EXPORTER: parseListOf(...EXPORTER_NAMES) },
    fallback: ['xray'],
    about: 'Where spans go, a list: `xray`, `otlp`, `console`, `none`.',
  },
  sampler: {
    env: { OTEL_TRACES_SAMPLER: parseOneOf(...SAMPLER_NAMES) },
    fallback: undefined,
    shown: '`xray` when `xray` is among the exporters',
    about: 'Which requests are traced: `xray` (the central rules), `always_on`, `traceidratio` …',
  },
  samplerArg: {
    env: { OTEL_TRACES_SAMPLER_ARG: parseText },
    fallback: undefined,
    about: 'Ratio from 0 to 1; for `xray`: `endpoint=http://host:port,polling_interval=300`.',
  },
  samplingRules: {
    env: { OTEL_XRAY_SAMPLING_RULES: parseText },
    fallback: undefined,
    about: 'File with local sampling rules, used before the central ones are there, or alone.',
  },
  ignorePaths: {
    env: { OTEL_XRAY_IGNORE_PATHS: parseList },
    fallback: [],
    about: 'Paths of requests that are never traced, a list; `*` and `?` stand for anything.',
  },
  ignoreHealthChecks: {
    env: { OTEL_XRAY_IGNORE_HEALTH_CHECKS: parseBoolean },
    fallback: false,
    about: 'Leaves out requests of the load balancer’s health checker.',
  },
  propagators: {
    env: { OTEL_PROPAGATORS: parseListOf(...PROPAGATOR_NAMES) },
    fallback: ['baggage', 'tracecontext', 'xray'],
    about: 'Headers read and written; of those that name a parent, the last wins.',
  },
  linkOtherParent: {
    env: { OTEL_XRAY_LINK_OTHER_PARENT: parseBoolean },
    fallback: false,
    about: 'Links a request to the parent that lost, where headers name two traces.',
  },
  enabledInstrumentations: {
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: parseList },
    fallback: undefined,
    shown: 'all but those disabled',
    about: 'The only instrumentations that may load, a list: `http,express,pg`.',
  },
  disabledInstrumentations: {
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: parseList },
    fallback: [],
    shown: 'those off by default: `dns,fs,generic-pool,lru-memoizer,net,router`',
    about: 'Further instrumentations that never load, a list; wins over the enabled ones.',
  },
  middlewareSpans: {
    env: { OTEL_XRAY_MIDDLEWARE_SPANS: parseBoolean },
    fallback: false,
    about: 'Brings back a subsegment for each Express and Koa middleware.',
  },
  resourceDetectors: {
    env: { OTEL_NODE_RESOURCE_DETECTORS: parseList },
    fallback: ['env', 'process', 'host', 'aws'],
    about: 'What is found out about the place we run in, a list.',
  },
  annotations: {
    env: { OTEL_XRAY_ANNOTATIONS: parseList },
    fallback: [],
    about: 'Attributes to index as annotations: `user.tier,order.*,http.route=route`.',
  },
  collectSqlQueries: {
    env: { AWS_XRAY_COLLECT_SQL_QUERIES: () => true },
    fallback: false,
    about: 'Any text: the query text goes into the `sql` block.',
  },
  logGroups: {
    env: { OTEL_XRAY_LOG_GROUP: parseList },
    fallback: [],
    about: 'CloudWatch log groups of the service, a list; X-Ray links their lines to the trace.',
  },
  logTraceIds: {
    env: { OTEL_XRAY_LOG_TRACE_ID: parseBoolean },
    fallback: true,
    about: 'Puts the trace id into each line of pino, winston and bunyan.',
  },
  logConsole: {
    env: { OTEL_XRAY_LOG_CONSOLE: parseBoolean },
    fallback: false,
    about: 'Puts it into the lines of `console` as well.',
  },
  dynamicNaming: {
    env: { OTEL_XRAY_DYNAMIC_NAMING: parseText },
    fallback: undefined,
    about: 'Pattern such as `*.example.com`: segments are named by a Host header that fits it.',
  },
  downstreamTraced: {
    env: { OTEL_XRAY_DOWNSTREAM_TRACED: parseBoolean },
    fallback: false,
    about: 'Marks outgoing HTTP calls as `traced`, so that X-Ray waits for the callee’s segment.',
  },
  nesting: {
    env: { OTEL_XRAY_NESTING: (text) => parseOneOf('on', 'off')(text) === 'on' },
    fallback: true,
    shown: 'on',
    about: '`off`: every span is a document of its own.',
  },
  bytesPerMs: {
    env: { OTEL_XRAY_BYTES_PER_MS: parseWhole(1024) },
    fallback: 32_768,
    about: 'Bytes a millisecond that may leave; the daemon’s socket holds about 98,000.',
  },
  inProgressSeconds: {
    env: { OTEL_XRAY_IN_PROGRESS_SECONDS: parsePositive },
    fallback: undefined,
    shown: 'never',
    about: 'Spans that run longer are shown as in progress.',
  },
  dump: {
    env: { OTEL_XRAY_DUMP: parseText },
    fallback: undefined,
    about: '`stdout` or a file: every document is also written there, one JSON line each.',
  },
  contextMissing: {
    env: {
      AWS_XRAY_CONTEXT_MISSING: parseOneOf('LOG_ERROR', 'RUNTIME_ERROR', 'IGNORE_ERROR'),
    },
    fallback: 'LOG_ERROR',
    about: 'What a helper such as `addAnnotation` does outside a trace.',
  },
  logLevel: {
    env: {
      OTEL_LOG_LEVEL: parseOneOf('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
      AWS_XRAY_DEBUG_MODE: () => 'debug',
      AWS_XRAY_LOG_LEVEL: (text) => {
        const level = xrayLevel(text);
        return X_RAY_LEVELS[level] ?? (level as LogLevel);
      },
    },
    fallback: 'warn',
    about: 'How much we say on standard error.',
  },
  scheduleDelayMs: {
    env: { OTEL_BSP_SCHEDULE_DELAY: limit },
    fallback: 100,
    about: 'Longest time in milliseconds that a finished span waits.',
  },
  exportTimeoutMs: {
    env: { OTEL_BSP_EXPORT_TIMEOUT: count },
    fallback: 30_000,
    about: 'Longest time in milliseconds for a flush.',
  },
  maxQueueSize: {
    env: { OTEL_BSP_MAX_QUEUE_SIZE: count },
    fallback: 2048,
    about: 'Finished spans that may wait; more are dropped and counted.',
  },
  maxExportBatchSize: {
    env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count },
    fallback: 512,
    about: 'Most spans handed over at once.',
  },
  attributeValueLengthLimit: {
    env: {
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit,
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: limit,
    },
    fallback: undefined,
    shown: 'none',
    about: 'Longest text of an attribute, in characters.',
  },
  attributeCountLimit: {
    env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: limit, OTEL_ATTRIBUTE_COUNT_LIMIT: limit },
    fallback: 128,
    about: 'Most attributes of a span.',
  },
  eventCountLimit: {
    env: { OTEL_SPAN_EVENT_COUNT_LIMIT: limit },
    fallback: 128,
    about: 'Most events of a span.',
  },
  linkCountLimit: {
    env: { OTEL_SPAN_LINK_COUNT_LIMIT: limit },
    fallback: 128,
    about: 'Most links of a span.',
  },
  attributePerEventCountLimit: {
    env: {
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: limit,
    },
    fallback: 128,
    about: 'Most attributes of an event.',
  },
  attributePerLinkCountLimit: {
    env: {
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: limit,
      OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: limit,
    },
    fallback: 128,
    about: 'Most attributes of a link.',
  },
};
