import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { readConfig } from '../../src/config.ts';

const NOTHING = { values: {}, honoredVariables: [], problems: [] };

test.for([
  {
    rule: 'OTEL_ variables are ignored for settings that the file supports',
    env: { OTEL_SERVICE_NAME: 'from-env', OTEL_BSP_MAX_QUEUE_SIZE: '7' },
    values: { serviceName: 'from-file' },
    config: { serviceName: 'from-file', maxQueueSize: 2048 },
    origins: { serviceName: 'OTEL_CONFIG_FILE', maxQueueSize: 'default' },
    ignored: ['OTEL_SERVICE_NAME', 'OTEL_BSP_MAX_QUEUE_SIZE'],
  },
  {
    rule: 'the file overrides AWS_XRAY_ variables',
    env: { AWS_XRAY_LOG_LEVEL: 'debug', AWS_XRAY_DAEMON_ADDRESS: '[::1]:3000' },
    values: { logLevel: 'error' as const },
    config: {
      logLevel: 'error',
      daemonAddress: SETTINGS.daemonAddress.env.AWS_XRAY_DAEMON_ADDRESS?.('[::1]:3000'),
    },
    origins: { logLevel: 'OTEL_CONFIG_FILE', daemonAddress: 'AWS_XRAY_DAEMON_ADDRESS' },
    ignored: [],
  },
  {
    rule: 'OTEL_XRAY_ variables override the file',
    env: { OTEL_XRAY_IGNORE_PATHS: '/a' },
    values: { ignorePaths: ['/b'], annotations: ['c'] },
    config: { ignorePaths: ['/a'], annotations: ['c'] },
    origins: { ignorePaths: 'OTEL_XRAY_IGNORE_PATHS', annotations: 'OTEL_CONFIG_FILE' },
    ignored: [],
  },
  {
    rule: 'the file overrides code, which overrides the default',
    env: {},
    options: { serviceName: 'code', maxQueueSize: 5 },
    values: { serviceName: 'from-file' },
    config: { serviceName: 'from-file', maxQueueSize: 5 },
    origins: { serviceName: 'OTEL_CONFIG_FILE', maxQueueSize: 'code' },
    ignored: [],
  },
  {
    rule: 'a variable that the file requests applies if the file has no value',
    env: { OTEL_SERVICE_NAME: 'from-env', OTEL_RESOURCE_ATTRIBUTES: 'a=1' },
    values: {},
    honoredVariables: ['OTEL_SERVICE_NAME'],
    config: { serviceName: 'from-env', resourceAttributes: {} },
    origins: { serviceName: 'OTEL_SERVICE_NAME', resourceAttributes: 'default' },
    ignored: ['OTEL_RESOURCE_ATTRIBUTES'],
  },
])(
  'with a file: $rule',
  ({ env, options = {}, values, honoredVariables = [], config, origins, ignored }) => {
    const read = readConfig({ OTEL_CONFIG_FILE: 'otel.yaml', ...env }, options, () => ({
      ...NOTHING,
      honoredVariables,
      values,
    }));
    expect(read.config).toMatchObject(config);
    expect(read.origins).toMatchObject(origins);
    expect(read.ignored).toEqual(ignored);
    expect(read.problems).toEqual([]);
  },
);

test.for([
  {
    rule: 'the current variable',
    env: { OTEL_CONFIG_FILE: 'a', OTEL_EXPERIMENTAL_CONFIG_FILE: 'b' },
    options: {},
    path: 'a',
  },
  {
    rule: 'the earlier variable',
    env: { OTEL_EXPERIMENTAL_CONFIG_FILE: 'b' },
    options: { configFile: 'c' },
    path: 'b',
  },
  { rule: 'code', env: {}, options: { configFile: 'c' }, path: 'c' },
])('the path of the file is set by $rule', ({ env, options, path }) => {
  const paths: string[] = [];
  readConfig(env, options, (each) => {
    paths.push(each);
    return NOTHING;
  });
  expect(paths).toEqual([path]);
});

test('without a path, no file is read', () => {
  const read = readConfig({ OTEL_CONFIG_FILE: ' ' }, {}, () => {
    throw new Error('read');
  });
  expect(read.problems).toEqual([]);
});

test('an invalid file is reported, and the environment applies', () => {
  const env = { OTEL_CONFIG_FILE: 'otel.yaml', OTEL_SERVICE_NAME: 'shop' };
  const read = readConfig(env, {}, () => {
    throw new Error('line 3: no YAML');
  });
  expect(read.config.serviceName).toBe('shop');
  expect(read.ignored).toEqual([]);
  expect(read.problems).toEqual([
    'OTEL_CONFIG_FILE="otel.yaml": line 3: no YAML; using the environment',
  ]);
});

test('problems in a file are reported with its name', () => {
  const env = { OTEL_CONFIG_FILE: 'otel.yaml' };
  const { problems } = readConfig(env, {}, () => ({
    ...NOTHING,
    problems: ['x is not supported'],
  }));
  expect(problems).toEqual(['OTEL_CONFIG_FILE="otel.yaml": x is not supported']);
});
