import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { readConfig } from '../../src/config.ts';

const NOTHING = { values: {}, honoredVariables: [], problems: [] };

test.for([
  {
    rule: 'what the file has a place for does not come from OTEL_',
    env: { OTEL_SERVICE_NAME: 'from-env', OTEL_BSP_MAX_QUEUE_SIZE: '7' },
    values: { serviceName: 'from-file' },
    config: { serviceName: 'from-file', maxQueueSize: 2048 },
    origins: { serviceName: 'OTEL_CONFIG_FILE', maxQueueSize: 'default' },
    ignored: ['OTEL_SERVICE_NAME', 'OTEL_BSP_MAX_QUEUE_SIZE'],
  },
  {
    rule: 'AWS_XRAY_ names count after the file',
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
    rule: 'our own variables count before the file',
    env: { OTEL_XRAY_IGNORE_PATHS: '/a' },
    values: { ignorePaths: ['/b'], annotations: ['c'] },
    config: { ignorePaths: ['/a'], annotations: ['c'] },
    origins: { ignorePaths: 'OTEL_XRAY_IGNORE_PATHS', annotations: 'OTEL_CONFIG_FILE' },
    ignored: [],
  },
  {
    rule: 'the file wins over code, which wins over the default',
    env: {},
    options: { serviceName: 'code', maxQueueSize: 5 },
    values: { serviceName: 'from-file' },
    config: { serviceName: 'from-file', maxQueueSize: 5 },
    origins: { serviceName: 'OTEL_CONFIG_FILE', maxQueueSize: 'code' },
    ignored: [],
  },
  {
    rule: 'a variable that the file asks for counts where the file says nothing',
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
    rule: 'the name of today',
    env: { OTEL_CONFIG_FILE: 'a', OTEL_EXPERIMENTAL_CONFIG_FILE: 'b' },
    options: {},
    path: 'a',
  },
  {
    rule: 'the earlier name',
    env: { OTEL_EXPERIMENTAL_CONFIG_FILE: 'b' },
    options: { configFile: 'c' },
    path: 'b',
  },
  { rule: 'code', env: {}, options: { configFile: 'c' }, path: 'c' },
])('the file is named by $rule', ({ env, options, path }) => {
  const paths: string[] = [];
  readConfig(env, options, (each) => {
    paths.push(each);
    return NOTHING;
  });
  expect(paths).toEqual([path]);
});

test('without a name no file is read', () => {
  const read = readConfig({ OTEL_CONFIG_FILE: ' ' }, {}, () => {
    throw new Error('read');
  });
  expect(read.problems).toEqual([]);
});

test('a file that cannot be used is named, and the environment counts', () => {
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

test('problems in a file are said with its name', () => {
  const env = { OTEL_CONFIG_FILE: 'otel.yaml' };
  const { problems } = readConfig(env, {}, () => ({
    ...NOTHING,
    problems: ['x is not supported'],
  }));
  expect(problems).toEqual(['OTEL_CONFIG_FILE="otel.yaml": x is not supported']);
});
