import { importLines } from '../support/framework-apps.ts';

/** The newest versions of packages that the instrumentations patch. */
export const PATCHED_PACKAGES: readonly string[] = [
  '@aws-sdk/client-s3@3.1169.0',
  '@grpc/grpc-js@1.14.4',
  '@hapi/hapi@21.4.10',
  'amqplib@2.3.1',
  'bunyan@1.8.15',
  'express@5.3.0',
  'graphql@16.13.0',
  'ioredis@6.0.0',
  'kafkajs@2.2.4',
  'knex@3.1.0',
  'koa@3.3.0',
  'memcached@2.2.2',
  'mongodb@7.8.0',
  'mysql2@3.24.5',
  'pg@8.23.1',
  'pino@10.4.0',
  'redis@6.3.1',
  'winston@3.19.0',
];

/** The original instrumentations and hooks, in the versions that are compiled in. */
export const REAL_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/auto-instrumentations-node@0.81.2',
  '@opentelemetry/instrumentation@0.223.0',
];

/** Importing one of these crashes an app with the original hooks: the instrumentation calls an object. */
const REAL_HOOKS_FAIL_ESM = ['memcached'];

/** An app that loads all packages. */
export function loaderText(form: 'cjs' | 'mjs'): string {
  const names = PATCHED_PACKAGES.map((specifier) => specifier.replace(/(.)@.*$/, '$1')).filter(
    (name) => form === 'cjs' || !REAL_HOOKS_FAIL_ESM.includes(name),
  );
  const imports = Object.fromEntries(names.map((name, at) => [`* as all${at}`, name]));
  if (form === 'mjs') return `${importLines(imports, form)}\nprocess.exit(0);\n`;
  return `${names.map((name) => `require('${name}');`).join('\n')}\nprocess.exit(0);\n`;
}

/** All original instrumentations, with require-in-the-middle and import-in-the-middle. */
export const REAL_SET_UP = `
const { diag, DiagConsoleLogger, DiagLogLevel } = require('@opentelemetry/api');
const write = (message, ...rest) => console.error('debug', message, ...rest.map((part) =>
  typeof part === 'string' ? part : JSON.stringify(part)));
diag.setLogger({ error() {}, warn() {}, info() {}, debug: write, verbose() {} }, DiagLogLevel.DEBUG);
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
registerInstrumentations({ instrumentations: getNodeAutoInstrumentations() });
require('node:module').register('@opentelemetry/instrumentation/hook.mjs', require('node:url').pathToFileURL(__filename));
`;

/** An app with everything that the packages export, so that a bundler keeps it. */
export const BUNDLED_APP: string = [
  ...PATCHED_PACKAGES.map(
    (specifier, at) => `import * as all${at} from '${specifier.replace(/(.)@.*$/, '$1')}';`,
  ),
  `globalThis.all = [${PATCHED_PACKAGES.map((_, at) => `all${at}`)}];`,
  'process.exit(0);',
].join('\n');

/** Bundles it with esbuild; packages that other packages may use and that are not installed stay outside. */
export const BUNDLER = `
import { build } from 'esbuild';
import { otelXray } from 'otel-xray/esbuild';
await build({
  entryPoints: ['bundled.mjs'],
  outfile: 'bundled.out.mjs',
  format: 'esm',
  bundle: true,
  platform: 'node',
  external: [
    'better-sqlite3', 'mysql', 'oracledb', 'pg-native', 'pg-query-stream', 'sqlite3', 'tedious',
    '@mongodb-js/zstd', 'aws4', 'gcp-metadata', 'kerberos', 'mongodb-client-encryption', 'snappy', 'socks',
    'dtrace-provider', 'mv', 'safe-json-stringify', 'source-map-support',
  ],
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;" },
  logLevel: 'error',
  plugins: [otelXray()],
});
`;
