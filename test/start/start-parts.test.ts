import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { entryFormat } from '../../src/file-format.ts';
import {
  existingHandle,
  registeredDistribution,
  storeHandle,
} from '../../src/start/already-started.ts';
import { isDeveloperTool } from '../../src/start/entry-point.ts';
import { enabledInstrumentations } from '../../src/start/instrumentations.ts';
import { serviceResource } from '../../src/start/resource.ts';
import { startupLine } from '../../src/start/startup-log.ts';
import { translatorOptions } from '../../src/start/translator-options.ts';

test.for([
  {
    rule: 'all except the noisy ones by default',
    env: {},
    on: ['http', 'pg', 'sqlite'],
    off: ['fs', 'router'],
  },
  {
    rule: 'only those enabled',
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,fs' },
    on: ['http', 'fs'],
    off: ['pg', 'sqlite'],
  },
  {
    rule: 'disabled overrides enabled',
    env: {
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg',
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg',
    },
    on: ['http'],
    off: ['pg', 'fs'],
  },
])('instrumentations: $rule', ({ env, on, off }) => {
  const isEnabled = enabledInstrumentations(readConfig(env).config);
  expect(on.map(isEnabled)).toEqual(on.map(() => true));
  expect(off.map(isEnabled)).toEqual(off.map(() => false));
});

test.for([
  {
    rule: 'OTEL_SERVICE_NAME has priority',
    env: {
      OTEL_SERVICE_NAME: 'a',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=b',
      AWS_XRAY_TRACING_NAME: 'c',
      npm_package_name: 'd',
    },
    name: 'a',
  },
  {
    rule: 'the resource attribute is second',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=b', AWS_XRAY_TRACING_NAME: 'c' },
    name: 'b',
  },
  {
    rule: 'the variable of the X-Ray SDK is third',
    env: { AWS_XRAY_TRACING_NAME: 'c', npm_package_name: 'd' },
    name: 'c',
  },
  { rule: 'the package name of npm is fourth', env: { npm_package_name: 'd' }, name: 'd' },
  { rule: 'the default is unknown', env: {}, name: 'unknown_service:node' },
])('service name: $rule', ({ env, name }) => {
  const read = readConfig(env, { resourceDetectors: ['env'] });
  expect(serviceResource(read, env, false).attributes['service.name']).toBe(name);
});

test('the package version of npm is the default of the service version', () => {
  const version = (env: Readonly<Record<string, string>>): unknown =>
    serviceResource(readConfig(env, { resourceDetectors: ['env'] }), env, false).attributes[
      'service.version'
    ];
  const npm = { npm_package_name: 'shop', npm_package_version: '1.2.3' };
  expect(version(npm)).toBe('1.2.3');
  expect(version({ ...npm, OTEL_RESOURCE_ATTRIBUTES: 'service.version=2' })).toBe('2');
});

test('the start message contains the settings and their sources', () => {
  const env = { OTEL_SERVICE_NAME: 'shop', AWS_XRAY_DAEMON_ADDRESS: '[::1]:2000' };
  expect(startupLine(readConfig(env), { own: '1.2.3', node: '24.0.0' }, 'shop')).toBe(
    'otel-xray 1.2.3, Node 24.0.0: service shop (OTEL_SERVICE_NAME), ' +
      'daemon udp [::1]:2000 tcp [::1]:2000 (AWS_XRAY_DAEMON_ADDRESS), transport auto, exporters xray, ' +
      'sampler xray, propagators baggage+tracecontext+xray',
  );
});

test('the started instance is stored once on the global object', () => {
  const globals = {};
  expect(existingHandle(globals)).toBeUndefined();
  storeHandle('handle', globals);
  expect(existingHandle(globals)).toBe('handle');
});

class VendorProvider {}

test.for([
  { rule: 'none', api: undefined, name: undefined },
  { rule: 'only a logger', api: { diag: {} }, name: undefined },
  { rule: 'only a context manager', api: { context: {} }, name: 'context' },
  { rule: 'a provider', api: { trace: new VendorProvider() }, name: 'VendorProvider' },
  {
    rule: 'the provider behind the proxy',
    api: { trace: { getDelegate: () => new VendorProvider() } },
    name: 'VendorProvider',
  },
])('another distribution: $rule', ({ api, name }) => {
  expect(registeredDistribution({ [Symbol.for('opentelemetry.js.api.1')]: api })).toBe(name);
});

test.for([
  { file: undefined, format: undefined },
  { file: process.execPath, format: undefined },
  { file: '/nowhere/app.mjs', format: 'module' },
  { file: '/nowhere/app.cts', format: 'commonjs' },
  { file: '/nowhere/app.js', format: undefined },
  { file: import.meta.filename, format: 'module' },
])('entry point $file is of the format $format', ({ file, format }) => {
  expect(entryFormat(file)).toBe(format);
});

test.for([
  {
    type: undefined,
    name: 'a.js',
    text: "const a = require('a');\nexports.a = a;",
    is: 'commonjs',
  },
  { type: undefined, name: 'a.js', text: "#!/usr/bin/env node\nimport 'a';", is: 'module' },
  { type: undefined, name: 'a.ts', text: 'export {a};', is: 'module' },
  { type: undefined, name: 'a.js', text: "'use strict';import('a');", is: undefined },
  { type: undefined, name: 'a.js', text: '// Exports what others import.', is: undefined },
  { type: undefined, name: 'a.bin', text: '', is: undefined },
  { type: 'module', name: 'a', text: '', is: 'module' },
  { type: 'commonjs', name: 'a', text: '', is: undefined },
  { type: 'commonjs', name: 'a.js', text: "import('a');", is: 'commonjs' },
])('$name with $text in a package of type $type is of the format $is', (row) => {
  const folder = mkdtempSync(join(tmpdir(), 'otel-xray-entry-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: row.type }));
  writeFileSync(join(folder, row.name), row.text);
  expect(entryFormat(join(folder, row.name))).toBe(row.is);
  rmSync(folder, { recursive: true });
});

test.for([
  { entry: '/usr/lib/node_modules/npm/bin/npm-cli.js', is: true },
  { entry: '/usr/bin/npx', is: true },
  { entry: 'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js', is: true },
  { entry: '/app/.yarn/releases/yarn-4.9.1.cjs', is: true },
  { entry: '/usr/share/nodejs/corepack/dist/pnpm.js', is: true },
  { entry: '/app/node_modules/.bin/prisma', is: true },
  { entry: '/app/node_modules/prisma/build/index.js', is: true },
  { entry: '/app/node_modules/.pnpm/nodemon@3.1.14/node_modules/nodemon/bin/nodemon.js', is: true },
  { entry: 'C:\\app\\node_modules\\typescript\\bin\\tsc', is: true },
  { entry: '/app/node_modules/.bin/run-p', is: true },
  { entry: '/app/node_modules/.bin/next', is: false },
  { entry: '/app/node_modules/vite/bin/vite.js', is: false },
  { entry: '/app/node_modules/@prisma/studio-server/index.js', is: false },
  { entry: '/app/prisma/seed.js', is: false },
  { entry: '/app/server.js', is: false },
  { entry: '/app/npm/server.js', is: false },
  { entry: '/app/my-npm.js', is: false },
  { entry: undefined, is: false },
])('$entry is a package manager or developer tool: $is', ({ entry, is }) => {
  expect(isDeveloperTool(entry)).toBe(is);
});

test('document settings are passed to the translator', () => {
  const env = {
    OTEL_XRAY_ANNOTATIONS: 'a.*,b=c',
    OTEL_XRAY_ANNOTATION_DOTS: 'false',
    OTEL_XRAY_RECORD_EVENTS: 'false',
    OTEL_XRAY_RECORD_WORKING_DIRECTORY: 'false',
    OTEL_XRAY_RESOURCE_METADATA: 'service.version',
    OTEL_XRAY_STRIP_URL_QUERY: 'true',
    OTEL_XRAY_DOWNSTREAM_TRACED: 'true',
    OTEL_XRAY_LAMBDA_ROOT: 'segment',
    OTEL_XRAY_LOG_GROUP: '/shop',
    AWS_XRAY_COLLECT_SQL_QUERIES: '1',
    OTEL_XRAY_SQL_LITERALS: 'true',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    AWS_XRAY_TRACING_NAME: 'shop',
  };
  const { isRootOnly, ...options } = translatorOptions(readConfig(env).config, '/srv', true);
  expect(isRootOnly).toBeTypeOf('function');
  expect(options).toEqual({
    indexedAttributes: ['a.*', 'b'],
    indexedAttributeAliases: { b: 'c' },
    annotationDots: false,
    recordEvents: false,
    recordWorkingDirectory: false,
    resourceMetadata: ['service.version'],
    stripUrlQuery: true,
    downstreamTraced: true,
    lambda: { root: 'segment', parentId: expect.any(Function) },
    logGroupNames: ['/shop'],
    recordSqlQuery: true,
    recordSqlLiterals: true,
    recordMessageContent: true,
    tracingName: 'shop',
    workingDirectory: '/srv',
  });
});
