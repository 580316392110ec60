import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { type ConfigOptions, readConfig } from '../../src/config.ts';

test('without settings, the defaults apply and are reported as the origin', () => {
  const { config, origins, problems } = readConfig({});
  expect(config.exporters).toEqual(['xray']);
  expect(config.propagators).toEqual(['baggage', 'tracecontext', 'xray']);
  expect(config.scheduleDelayMs).toBe(100);
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  expect(problems).toEqual([]);
});

test.for([
  {
    rule: 'an OTEL_ variable overrides an AWS_XRAY_ variable',
    env: { OTEL_LOG_LEVEL: 'error', AWS_XRAY_DEBUG_MODE: '1' },
    options: {},
    name: 'logLevel',
    value: 'error',
    origin: 'OTEL_LOG_LEVEL',
  },
  {
    rule: 'an AWS_XRAY_ variable overrides an option',
    env: { AWS_XRAY_LOG_LEVEL: 'SILENT' },
    options: { logLevel: 'debug' },
    name: 'logLevel',
    value: 'none',
    origin: 'AWS_XRAY_LOG_LEVEL',
  },
  {
    rule: 'an option overrides the default',
    env: {},
    options: { maxQueueSize: 5 },
    name: 'maxQueueSize',
    value: 5,
    origin: 'code',
  },
  {
    rule: 'an empty value is treated as unset',
    env: { OTEL_BSP_MAX_QUEUE_SIZE: ' ' },
    options: {},
    name: 'maxQueueSize',
    value: 2048,
    origin: 'default',
  },
  {
    rule: 'after an invalid value, the next variable applies',
    env: { OTEL_SDK_DISABLED: 'yes', AWS_XRAY_SDK_ENABLED: 'off' },
    options: {},
    name: 'disabled',
    value: true,
    origin: 'AWS_XRAY_SDK_ENABLED',
  },
  {
    rule: 'resource attributes are percent-decoded',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'team=a%2Cb, stage = prod' },
    options: {},
    name: 'resourceAttributes',
    value: { team: 'a,b', stage: 'prod' },
    origin: 'OTEL_RESOURCE_ATTRIBUTES',
  },
  {
    rule: 'header names are converted to lower case',
    env: { OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'X-Tenant, x-plan,' },
    options: {},
    name: 'serverRequestHeaders',
    value: ['x-tenant', 'x-plan'],
    origin: 'OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS',
  },
  {
    rule: 'the variables of the Python distribution are supported',
    env: { OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: 'X-Cache' },
    options: {},
    name: 'clientResponseHeaders',
    value: ['x-cache'],
    origin: 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE',
  },
  {
    rule: 'resource metadata is a keyword',
    env: { OTEL_XRAY_RESOURCE_METADATA: 'None' },
    options: {},
    name: 'resourceMetadata',
    value: 'none',
    origin: 'OTEL_XRAY_RESOURCE_METADATA',
  },
  {
    rule: 'resource metadata is a list',
    env: { OTEL_XRAY_RESOURCE_METADATA: 'service.version,host.name' },
    options: {},
    name: 'resourceMetadata',
    value: ['service.version', 'host.name'],
    origin: 'OTEL_XRAY_RESOURCE_METADATA',
  },
] as const)('config: $rule', ({ env, options, name, value, origin }) => {
  const { config, origins } = readConfig(env, options as ConfigOptions);
  expect(config[name]).toEqual(value);
  expect(origins[name]).toBe(origin);
});

/** An invalid value for each variable. Variables that accept any text are not listed. */
const WRONG: Readonly<Record<string, string>> = {
  OTEL_SDK_DISABLED: 'maybe',
  AWS_XRAY_SDK_ENABLED: 'maybe',
  OTEL_RESOURCE_ATTRIBUTES: 'novalue',
  AWS_XRAY_DAEMON_ADDRESS: 'http://localhost',
  OTEL_TRACES_EXPORTER: 'jaeger',
  OTEL_TRACES_SAMPLER: 'sometimes',
  OTEL_XRAY_IGNORE_HEALTH_CHECKS: '1',
  OTEL_PROPAGATORS: 'pigeon',
  OTEL_XRAY_LINK_OTHER_PARENT: '1',
  OTEL_XRAY_RESPECT_PARENT: 'sometimes',
  OTEL_XRAY_ROOT_CLIENT_SPANS: 'keep',
  OTEL_XRAY_ANNOTATION_DOTS: 'off',
  OTEL_XRAY_RECORD_EVENTS: '0',
  OTEL_XRAY_RECORD_WORKING_DIRECTORY: '0',
  OTEL_XRAY_STRIP_URL_QUERY: 'yes',
  OTEL_XRAY_LAMBDA_ROOT: 'function',
  OTEL_XRAY_VALIDATE: '1',
  OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'x-.*',
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: 'X-*',
  OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS: 'a b',
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE: 'a:b',
  OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS: '*',
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST: '.*',
  OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS: '(x)',
  OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE: '[x]',
  OTEL_XRAY_MIDDLEWARE_SPANS: 'on',
  OTEL_XRAY_CONNECT_SPANS: 'on',
  OTEL_XRAY_SQL_LITERALS: 'on',
  OTEL_XRAY_LOG_TRACE_ID: '0',
  OTEL_XRAY_LOG_CONSOLE: '0',
  OTEL_XRAY_DOWNSTREAM_TRACED: 'yes',
  OTEL_XRAY_NESTING: 'deep',
  OTEL_XRAY_BYTES_PER_MS: '10',
  OTEL_XRAY_IN_PROGRESS_SECONDS: '-1',
  AWS_XRAY_CONTEXT_MISSING: 'SHRUG',
  OTEL_LOG_LEVEL: 'loud',
  AWS_XRAY_LOG_LEVEL: 'loud',
  OTEL_BSP_SCHEDULE_DELAY: 'soon',
  OTEL_BSP_EXPORT_TIMEOUT: '0',
  OTEL_BSP_MAX_QUEUE_SIZE: '1e99',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '-5',
};

const TAKES_ANY_TEXT = new Set([
  'OTEL_SERVICE_NAME',
  'AWS_XRAY_TRACING_NAME',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_XRAY_SAMPLING_RULES',
  'OTEL_XRAY_IGNORE_PATHS',
  'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
  'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
  'OTEL_NODE_RESOURCE_DETECTORS',
  'OTEL_XRAY_ANNOTATIONS',
  'AWS_XRAY_COLLECT_SQL_QUERIES',
  'OTEL_XRAY_LOG_GROUP',
  'OTEL_XRAY_DYNAMIC_NAMING',
  'OTEL_XRAY_DUMP',
  'AWS_XRAY_DEBUG_MODE',
  'OTEL_CONFIG_FILE',
  'OTEL_EXPERIMENTAL_CONFIG_FILE',
  'OTEL_XRAY_IGNORE_USER_AGENTS',
  'OTEL_XRAY_RESOURCE_METADATA',
  'OTEL_XRAY_AWS_PARAMETERS',
  'AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG',
  'OTEL_BAGGAGE_SPAN_ATTRIBUTE_KEYS',
]);

test.for(
  Object.values(SETTINGS)
    .flatMap((row) => Object.keys(row.env))
    .filter((variable) => !TAKES_ANY_TEXT.has(variable)),
)('a wrong %s is named with its text, and does not throw', (variable) => {
  const text = WRONG[variable] ?? 'many';
  const { problems } = readConfig({ [variable]: text });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`${variable}=${JSON.stringify(text)}`);
  expect(problems[0]).toContain('; using the default');
});

test('a message about an invalid value shows no user info of a URL', () => {
  const { problems } = readConfig({ AWS_XRAY_DAEMON_ADDRESS: 'http://user:p@ss/w:rd@h:2000' });
  expect(problems).toEqual([
    'AWS_XRAY_DAEMON_ADDRESS="http://h:2000": invalid daemon address: "http://h:2000"; expected ' +
      'host:port or "tcp:host:port udp:host:port"; using the default (127.0.0.1:2000)',
  ]);
});
