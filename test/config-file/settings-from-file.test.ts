import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeDefault } from '../../src/config/setting.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { settingsFromFile } from '../../src/config-file/settings-from-file.ts';
import { readYaml } from '../../src/config-file/yaml.ts';

const KNOWN = { settings: SETTINGS, describeDefault };

/** Reads a file and returns the settings that differ from the defaults. */
function read(yaml: string): { readonly values: object; readonly problems: readonly string[] } {
  const { values, problems } = settingsFromFile(readYaml(`file_format: "1.0"\n${yaml}`, {}), KNOWN);
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return { values: Object.fromEntries(set), problems };
}

const tracer = (yaml: string): string => `tracer_provider:\n${yaml.replace(/^/gm, '  ')}`;
const processors = (...items: readonly string[]): string =>
  tracer(`processors:\n${items.map((item) => `  - ${item}`).join('\n')}`);
const sampler = (yaml: string): string => tracer(`sampler: ${yaml}`);

test.for([
  { rule: 'an empty file', yaml: '', values: {} },
  { rule: 'disabled', yaml: 'disabled: true', values: { disabled: true } },
  { rule: 'disabled: null', yaml: 'disabled:', values: {} },
  { rule: 'a level', yaml: 'log_level: debug', values: { logLevel: 'debug' } },
  { rule: 'a severity with a step', yaml: 'log_level: trace4', values: { logLevel: 'verbose' } },
  { rule: 'the highest severity', yaml: 'log_level: fatal', values: { logLevel: 'error' } },
  { rule: 'a level of OTEL_LOG_LEVEL', yaml: 'log_level: none', values: { logLevel: 'none' } },
  {
    rule: 'resource attributes with types, and the service name',
    yaml: `resource:
  schema_url: https://opentelemetry.io/schemas/1.16.0
  attributes_list: "team=a%2Cb,stage=dev"
  attributes:
    - { name: service.name, value: shop }
    - { name: stage, value: prod }
    - { name: replicas, value: "3", type: int }
    - { name: share, value: 0.5, type: double }
    - { name: canary, value: false, type: bool }
    - { name: zones, value: [a, b], type: string_array }
    - { name: build, value: 7 }`,
    values: {
      serviceName: 'shop',
      resourceAttributes: {
        team: 'a,b',
        stage: 'prod',
        replicas: 3,
        share: 0.5,
        canary: false,
        zones: ['a', 'b'],
        build: 7,
      },
    },
  },
  {
    rule: 'detectors',
    yaml: 'resource: { detection/development: { detectors: [{ host: }, { service: }, { ecs: }] } }',
    values: { resourceDetectors: ['host', 'serviceinstance', 'ecs'] },
  },
  {
    rule: 'span limits override general limits',
    yaml: `attribute_limits: { attribute_count_limit: 10, attribute_value_length_limit: 99 }
${tracer('limits: { attribute_count_limit: 20, event_count_limit: 3, link_count_limit: 4, event_attribute_count_limit: 5, link_attribute_count_limit: 6 }')}`,
    values: {
      attributeCountLimit: 20,
      attributeValueLengthLimit: 99,
      eventCountLimit: 3,
      linkCountLimit: 4,
      attributePerEventCountLimit: 5,
      attributePerLinkCountLimit: 6,
    },
  },
  {
    rule: 'propagators, with those of the list last',
    yaml: 'propagator: { composite: [{ xray: }, { tracecontext: }], composite_list: "baggage,xray" }',
    values: { propagators: ['xray', 'tracecontext', 'baggage'] },
  },
  {
    rule: 'captured headers',
    yaml: `instrumentation/development:
  java: { anything: true }
  general: { http: { server: { request_captured_headers: [X-Tenant, x-plan] }, client: { response_captured_headers: [x-cache] } } }`,
    values: { serverRequestHeaders: ['x-tenant', 'x-plan'], clientResponseHeaders: ['x-cache'] },
  },
  {
    rule: 'a batch processor with the X-Ray exporter',
    yaml: processors(
      'batch: { schedule_delay: 20, export_timeout: 1000, max_queue_size: 9, max_export_batch_size: 8, exporter: { xray: { daemon_address: "10.0.0.1:3000" } } }',
    ),
    values: {
      exporters: ['xray'],
      scheduleDelayMs: 20,
      exportTimeoutMs: 1000,
      maxQueueSize: 9,
      maxExportBatchSize: 8,
      daemonAddress: {
        udp: { host: '10.0.0.1', port: 3000 },
        tcp: { host: '10.0.0.1', port: 3000 },
      },
    },
  },
  {
    rule: 'a simple processor exports without delay',
    yaml: processors('simple: { exporter: { xray: } }'),
    values: { exporters: ['xray'], scheduleDelayMs: 0 },
  },
  {
    rule: 'X-Ray, a collector and the console',
    yaml: processors(
      'batch: { exporter: { otlp_http: { endpoint: "http://c:4318/v1/traces", headers_list: "a=1,b=2", headers: [{ name: b, value: "3" }], timeout: 5000, compression: gzip } } }',
      'batch: { schedule_delay: 50, exporter: { xray: } }',
      'simple: { exporter: { console: } }',
    ),
    values: {
      exporters: ['otlp', 'xray', 'console'],
      scheduleDelayMs: 50,
      otlpExporter: {
        url: 'http://c:4318/v1/traces',
        headers: { a: '1', b: '3' },
        timeoutMillis: 5000,
        compression: 'gzip',
      },
    },
  },
  {
    rule: 'a collector at the default address',
    yaml: processors('batch: { exporter: { otlp_http: } }'),
    values: {
      exporters: ['otlp'],
      otlpExporter: { url: 'http://localhost:4318/v1/traces', headers: {} },
    },
  },
  { rule: 'no processor', yaml: tracer('processors: []'), values: { exporters: ['none'] } },
  { rule: 'always_on', yaml: sampler('{ always_on: }'), values: { sampler: 'always_on' } },
  { rule: 'always_off', yaml: sampler('{ always_off: {} }'), values: { sampler: 'always_off' } },
  {
    rule: 'a ratio',
    yaml: sampler('{ trace_id_ratio_based: { ratio: 0.25 } }'),
    values: { sampler: 'traceidratio', samplerArg: '0.25' },
  },
  {
    rule: 'a ratio as the root of a parent-based sampler',
    yaml: sampler(
      '{ parent_based: { root: { trace_id_ratio_based: { ratio: 0.5 } }, remote_parent_sampled: { always_on: }, local_parent_not_sampled: { always_off: } } }',
    ),
    values: { sampler: 'parentbased_traceidratio', samplerArg: '0.5' },
  },
  {
    rule: 'a parent-based sampler without a root',
    yaml: sampler('{ parent_based: }'),
    values: { sampler: 'parentbased_always_on' },
  },
  {
    rule: 'the X-Ray sampling rules',
    yaml: sampler('{ xray: { endpoint: "http://daemon:2000", polling_interval: 60 } }'),
    values: { sampler: 'xray', samplerArg: 'endpoint=http://daemon:2000,polling_interval=60' },
  },
  {
    rule: 'the X-Ray sampling rules as the root of a parent-based sampler',
    yaml: sampler('{ parent_based: { root: { xray: } } }'),
    values: { sampler: 'parentbased_xray' },
  },
  {
    rule: 'settings of otel-xray; other distributions are ignored',
    yaml: `distribution:
  other-vendor: { key: 1 }
  otel-xray:
    ignore_paths: [/health*, /ready]
    annotations: order.*,user.tier
    nesting: off
    collect_sql_queries: false
    log_console: true
    in_progress_seconds: 2.5`,
    values: {
      ignorePaths: ['/health*', '/ready'],
      annotations: ['order.*', 'user.tier'],
      nesting: false,
      collectSqlQueries: false,
      logConsole: true,
      inProgressSeconds: 2.5,
    },
  },
  {
    rule: 'sections for metrics and logs are ignored without a warning',
    yaml: 'meter_provider: { readers: [] }\nlogger_provider: { processors: [] }',
    values: {},
  },
])('file: $rule', ({ yaml, values }) => {
  expect(read(yaml)).toEqual({ values, problems: [] });
});

test.for([
  { rule: 'an unknown part', yaml: 'tracing: { a: 1 }', says: ['tracing is not supported'] },
  {
    rule: 'an unknown nested field',
    yaml: tracer('limits: { attribute_count_limit: 5, span_count_limit: 1 }'),
    says: ['tracer_provider.limits.span_count_limit is not supported and has no effect'],
    values: { attributeCountLimit: 5 },
  },
  {
    rule: 'a value of the wrong type',
    yaml: `disabled: maybe\n${tracer('limits: { event_count_limit: [many], link_count_limit: 7 }')}`,
    says: [
      'disabled: "maybe": expected true or false; using the default (false)',
      'tracer_provider.limits.event_count_limit: ["many"]: expected a whole number from 0; using the default (128)',
    ],
    values: { linkCountLimit: 7 },
  },
  {
    rule: 'a string instead of a mapping',
    yaml: 'resource: shop',
    says: ['resource: expected a mapping, not a string'],
  },
  {
    rule: 'a mapping instead of a list',
    yaml: tracer('processors: { batch: }'),
    says: ['tracer_provider.processors: expected a list, not a mapping'],
  },
  {
    rule: 'attributes without a name or value, or of the wrong type',
    yaml: 'resource: { attributes: [{ value: 1 }, { name: a }, { name: b, value: x, type: int }, { name: c, value: 1 }] }',
    says: [
      'resource.attributes[0]: expected a name; the attribute is ignored',
      'resource.attributes[1].value of a: invalid value; the attribute is ignored',
      'resource.attributes[2].value of b: invalid value; the attribute is ignored',
    ],
    values: { resourceAttributes: { c: 1 } },
  },
  {
    rule: 'an invalid list of attributes',
    yaml: 'resource: { attributes_list: nonsense }',
    says: ['resource.attributes_list: "nonsense": expected key=value,key=value'],
  },
  {
    rule: 'an unknown propagator',
    yaml: 'propagator: { composite: [{ xray: }, { ottrace: }] }',
    says: ['propagator: "ottrace" is ignored: expected one of'],
    values: { propagators: ['xray'] },
  },
  {
    rule: 'an unsupported exporter and a supported one',
    yaml: processors(
      'batch: { exporter: { otlp_grpc: { endpoint: "http://c:4317" } } }',
      'batch: { exporter: { xray: } }',
    ),
    says: ['tracer_provider.processors[0].batch.exporter.otlp_grpc is not supported'],
    values: { exporters: ['xray'] },
  },
  {
    rule: 'only an unsupported processor',
    yaml: processors('filter: { exporter: { xray: } }'),
    says: [
      'tracer_provider.processors: no supported exporter; using xray',
      'tracer_provider.processors[0].filter is not supported',
    ],
  },
  {
    rule: 'two processors with different batch settings',
    yaml: processors(
      'batch: { max_queue_size: 5, exporter: { console: } }',
      'batch: { max_queue_size: 7, exporter: { xray: } }',
    ),
    says: [
      'tracer_provider.processors[0].batch: batch settings are ignored; those of tracer_provider.processors[1].batch apply',
    ],
    values: { exporters: ['console', 'xray'], maxQueueSize: 7 },
  },
  {
    rule: 'an invalid daemon address',
    yaml: processors('simple: { exporter: { xray: { daemon_address: "http://daemon/" } } }'),
    says: ['xray.daemon_address: "http://daemon/": invalid daemon address'],
    values: { exporters: ['xray'], scheduleDelayMs: 0 },
  },
  {
    rule: 'an invalid daemon address with user info',
    yaml: processors('simple: { exporter: { xray: { daemon_address: "http://user:p@ss@d/" } } }'),
    says: ['xray.daemon_address: "http://d/": invalid daemon address: "http://d/"; '],
    values: { exporters: ['xray'], scheduleDelayMs: 0 },
  },
  {
    rule: 'headers in the wrong form, which may contain a secret',
    yaml: processors('batch: { exporter: { otlp_http: { headers: { authorization: secret } } } }'),
    says: [
      'tracer_provider.processors[0].batch.exporter.otlp_http.headers: expected a list, not a mapping',
    ],
    values: {
      exporters: ['otlp'],
      otlpExporter: { url: 'http://localhost:4318/v1/traces', headers: {} },
    },
  },
  {
    rule: 'invalid options of the OTLP exporter',
    yaml: processors(
      'batch: { exporter: { otlp_http: { timeout: soon, encoding: json, headers_list: secret, tls: { ca_file: x } } } }',
    ),
    says: [
      'otlp_http.timeout: "soon" is not a number of milliseconds',
      'otlp_http.encoding: "json" is not supported; using protobuf',
      'otlp_http.headers_list: expected key=value,key=value',
      'otlp_http.tls is not supported and has no effect',
    ],
    values: {
      exporters: ['otlp'],
      otlpExporter: { url: 'http://localhost:4318/v1/traces', headers: {} },
    },
  },
  {
    rule: 'an unsupported sampler',
    yaml: sampler('{ jaeger_remote/development: { endpoint: x } }'),
    says: [
      'tracer_provider.sampler: no supported sampler; using the default',
      'tracer_provider.sampler.jaeger_remote/development is not supported',
    ],
  },
  {
    rule: 'an invalid ratio',
    yaml: sampler('{ trace_id_ratio_based: { ratio: 150 } }'),
    says: ['trace_id_ratio_based.ratio: 150: expected a number from 0 to 1; using 1'],
    values: { sampler: 'traceidratio', samplerArg: '1' },
  },
  {
    rule: 'an unsupported sampler for a parent decision',
    yaml: sampler(
      '{ parent_based: { root: { always_on: }, remote_parent_sampled: { always_off: } } }',
    ),
    says: ['remote_parent_sampled.always_off is not supported; using always_on'],
    values: { sampler: 'parentbased_always_on' },
  },
  {
    rule: 'settings of otel-xray that are unknown or have another place in the file',
    yaml: 'distribution: { otel-xray: { nonsense: 1, max_queue_size: 5, config_file: x, nesting: deep, dump: stdout } }',
    says: [
      'distribution.otel-xray.nesting: "deep": expected one of on, off; using the default (on)',
      'distribution.otel-xray.nonsense is not supported',
      'distribution.otel-xray.max_queue_size is not supported',
      'distribution.otel-xray.config_file is not supported',
    ],
    values: { dump: 'stdout' },
  },
])('reported, and the other settings apply: $rule', ({ yaml, says, values = {} }) => {
  const { values: found, problems } = read(yaml);
  expect(problems).toEqual(says.map((text) => expect.stringContaining(text)));
  expect(found).toEqual(values);
});

test.for([
  { rule: 'another major version', document: { file_format: '2.0' } },
  { rule: 'a version before 1.0', document: { file_format: '0.4' } },
  { rule: 'a list', document: [] },
  { rule: 'null', document: null },
  { rule: 'a string', document: 'file_format' },
])('rejected: $rule', ({ document }) => {
  expect(() => settingsFromFile(document, KNOWN)).toThrow(TypeError);
});

test('the service detector reads OTEL_SERVICE_NAME', () => {
  const detectors = (name: string): object => ({
    file_format: '1.1',
    resource: { detection: { detectors: [{ [name]: null }] } },
  });
  expect(settingsFromFile(detectors('service'), KNOWN)).toMatchObject({
    values: { resourceDetectors: ['serviceinstance'] },
    honoredVariables: ['OTEL_SERVICE_NAME'],
    problems: [],
  });
  expect(settingsFromFile(detectors('host'), KNOWN).honoredVariables).toEqual([]);
});

/** Valid keys, so that random documents cover all readers. */
const KEYS = fc.constantFrom(
  ...(
    'disabled log_level resource attributes attributes_list name value type detection detectors ' +
    'propagator composite composite_list tracer_provider processors batch simple exporter xray ' +
    'otlp_http console endpoint headers timeout daemon_address schedule_delay sampler parent_based ' +
    'root always_on trace_id_ratio_based ratio limits event_count_limit distribution otel-xray ' +
    'nesting instrumentation/development general http server request_captured_headers __proto__'
  ).split(' '),
);
const { value: ANYTHING } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 8, withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 0.5, '', 'xray', 'a=b', 'x'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(KEYS, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('no document makes the reader throw, and the settings have the right types', () => {
  fc.assert(
    fc.property(fc.dictionary(KEYS, ANYTHING, { noNullPrototype: true }), (document) => {
      const { values, problems } = settingsFromFile({ ...document, file_format: '1.0' }, KNOWN);
      expect(problems.every((problem) => !problem.includes('\n'))).toBe(true);
      const { exporters = ['xray'], sampler = 'xray', maxQueueSize = 1 } = values;
      expect(exporters.length).toBeGreaterThan(0);
      expect(typeof sampler).toBe('string');
      expect(maxQueueSize).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});

test('later minor versions and release candidates are accepted, a missing version is reported', () => {
  const problems = (document: object): readonly string[] =>
    settingsFromFile(document, KNOWN).problems;
  expect(problems({ file_format: '1.3' })).toEqual([]);
  expect(problems({ file_format: '1.0-rc.2' })).toEqual([]);
  expect(problems({})).toEqual(['file_format is missing; 1.0 is assumed']);
});
