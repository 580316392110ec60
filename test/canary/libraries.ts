/**
 * One small program for each library, with the trace that it must have: `test/matrix/canary.matrix.ts` runs them with
 * the versions below, `npm run canary` with the newest ones.
 */
import { REQUESTS } from '../apps/requests.ts';
import type { AppRequest } from '../apps/server-run.ts';
import { CHANNEL_APPS, H3_APP, MONGOOSE_APP } from '../matrix/channel-apps.ts';
import { DATABASE_APPS } from '../matrix/database-apps.ts';
import { FRAMEWORK_APPS } from '../support/framework-apps.ts';
import type { Bundler, Library } from './library.ts';

/** The request to the programs of frameworks. */
const SHOP: readonly AppRequest[] = [{ path: '/shop/orders/7' }];

/** The server of the tests has no database of an app. */
const MYSQL_APP = (DATABASE_APPS['mysql'] as string).replace("'shop'", "'information_schema'");

function framework(name: string): Pick<Library, 'name' | 'text' | 'requests'> {
  const app = FRAMEWORK_APPS.find(({ file }) => file === `${name}.mjs`);
  if (app === undefined) throw new Error(`no program for ${name}`);
  return { name, text: app.text, requests: SHOP };
}

/** A program of `test/apps/programs`. */
function ofApps(name: string): Pick<Library, 'name' | 'args' | 'requests'> {
  const requests = REQUESTS[name];
  return {
    name,
    args: [`${name}.mjs`],
    ...(requests !== undefined && { requests }),
  };
}

/** A program of `test/libraries/programs`. */
function ofLibraries(name: string): Pick<Library, 'name' | 'args'> {
  return { name, args: ['run.mjs', name] };
}

/** Instrumentations that are off by default. */
function enabled(name: string): Pick<Library, 'name' | 'env'> {
  return { name, env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: `http,undici,${name}` } };
}

export const LIBRARIES: readonly Library[] = [
  {
    name: 'adonisjs',
    packageName: '@adonisjs/core',
    version: '7.5.2',
    requests: [
      ...SHOP,
      ...['/broken', '/private', '/missing'].map((path): AppRequest => ({ path })),
    ],
  },
  { name: 'bunyan', packageName: 'bunyan', version: '2.0.5' },
  {
    name: 'cucumber',
    packageName: '@cucumber/cucumber',
    version: '13.3.0',
    ignoresOutput: true,
  },
  { ...framework('express'), packageName: 'express', version: '5.3.0' },
  { ...framework('fastify'), packageName: 'fastify', version: '5.12.8' },
  { name: 'graphql', packageName: 'graphql', version: '17.1.0' },
  { ...framework('hapi'), packageName: '@hapi/hapi', version: '21.4.10' },
  {
    ...framework('hono'),
    packageName: 'hono',
    version: '4.13.19',
    others: ['@hono/node-server@2.1.8'],
  },
  {
    name: 'ioredis',
    packageName: 'ioredis',
    version: '6.0.0',
    text: CHANNEL_APPS['ioredis'] as string,
    servers: ['redis'],
  },
  {
    ...framework('koa'),
    packageName: 'koa',
    version: '3.3.0',
    others: ['@koa/router@15.7.0'],
  },
  {
    name: 'mysql2',
    packageName: 'mysql2',
    version: '3.24.6',
    text: CHANNEL_APPS['mysql2'] as string,
    servers: ['mariadb'],
  },
  {
    name: 'nestjs',
    packageName: '@nestjs/core',
    version: '12.5.1',
    family: ['@nestjs/common', '@nestjs/platform-express'],
    others: ['reflect-metadata@0.2.2', 'rxjs@7.8.2'],
  },
  { name: 'openai', packageName: 'openai', version: '7.59.0' },
  { name: 'oracledb', packageName: 'oracledb', version: '26.0.0' },
  {
    name: 'pg',
    packageName: 'pg',
    version: '8.23.1',
    text: DATABASE_APPS['pg'] as string,
    servers: ['postgres'],
  },
  { name: 'pino', packageName: 'pino', version: '10.4.0' },
  {
    name: 'redis',
    packageName: 'redis',
    version: '6.3.1',
    text: CHANNEL_APPS['redis'] as string,
    servers: ['redis'],
  },
  { name: 'winston', packageName: 'winston', version: '3.19.0' },
  {
    ...ofApps('agenda'),
    packageName: 'agenda',
    version: '6.2.6',
    others: ['@agendajs/postgres-backend@3.0.6'],
    servers: ['postgres'],
  },
  {
    ...ofLibraries('ai-sdk'),
    packageName: 'ai',
    version: '7.0.173',
    others: ['@ai-sdk/openai@4.0.118'],
    fake: 'apis',
  },
  { name: 'amqplib', packageName: 'amqplib', version: '2.3.1', servers: ['rabbitmq'] },
  {
    ...ofLibraries('anthropic'),
    packageName: '@anthropic-ai/sdk',
    version: '1.14.0',
    fake: 'apis',
  },
  { name: 'aws-sdk', packageName: '@aws-sdk/client-dynamodb', version: '3.1169.0' },
  { ...ofLibraries('better-sqlite3'), packageName: 'better-sqlite3', version: '13.2.0' },
  {
    ...ofApps('bee-queue'),
    packageName: 'bee-queue',
    version: '2.0.0',
    servers: ['redis'],
  },
  { ...ofApps('bree'), packageName: 'bree', version: '9.2.9' },
  { ...ofApps('bull'), packageName: 'bull', version: '4.16.5', servers: ['redis'] },
  {
    ...ofApps('bullmq'),
    packageName: 'bullmq',
    version: '6.7.0',
    // An optional peer of BullMQ. Without it, its worker reports an error in an endless loop.
    others: ['ioredis@6.0.0'],
    servers: ['redis'],
  },
  { name: 'cassandra-driver', packageName: 'cassandra-driver', version: '4.10.0' },
  {
    ...ofLibraries('chat-clients'),
    packageName: 'ollama',
    version: '0.6.4',
    others: ['@mistralai/mistralai@2.7.0', 'cohere-ai@8.1.0'],
    fake: 'apis',
  },
  { ...ofApps('connect'), packageName: 'connect', version: '3.7.0' },
  { ...ofApps('cron'), packageName: 'cron', version: '4.4.0' },
  { name: 'dataloader', packageName: 'dataloader', version: '2.2.3' },
  { ...enabled('generic-pool'), packageName: 'generic-pool', version: '3.9.0' },
  {
    ...ofLibraries('google-genai'),
    packageName: '@google/genai',
    version: '3.3.0',
    fake: 'apis',
  },
  {
    name: 'graphql-executor',
    packageName: '@graphql-tools/executor',
    version: '4.1.5',
    others: ['graphql@16.15.0'],
  },
  { name: 'grpc', packageName: '@grpc/grpc-js', version: '1.14.7' },
  { name: 'h3', packageName: 'h3', version: '2.0.8', text: H3_APP },
  { name: 'kafkajs', packageName: 'kafkajs', version: '2.2.4' },
  {
    name: 'knex',
    packageName: 'knex',
    version: '3.3.0',
    others: ['pg@8.23.1'],
    servers: ['postgres'],
  },
  { ...enabled('lru-memoizer'), packageName: 'lru-memoizer', version: '3.0.0' },
  { ...ofLibraries('mcp'), packageName: '@modelcontextprotocol/sdk', version: '1.32.2' },
  {
    ...ofLibraries('mcp-2'),
    packageName: '@modelcontextprotocol/server',
    version: '2.4.0',
    family: ['@modelcontextprotocol/client'],
    others: ['@modelcontextprotocol/node@2.1.2'],
  },
  {
    name: 'memcached',
    packageName: 'memcached',
    version: '2.2.2',
    text: DATABASE_APPS['memcached'] as string,
    servers: ['memcached'],
  },
  {
    name: 'mongodb',
    packageName: 'mongodb',
    version: '7.9.0',
    text: DATABASE_APPS['mongodb'] as string,
  },
  { name: 'mongoose', packageName: 'mongoose', version: '9.12.1', text: MONGOOSE_APP },
  {
    ...ofLibraries('mqtt'),
    packageName: 'mqtt',
    version: '5.16.0',
    others: ['aedes@1.2.0'],
  },
  { name: 'mysql', packageName: 'mysql', version: '2.18.1', text: MYSQL_APP, servers: ['mariadb'] },
  { ...ofLibraries('nats'), packageName: 'nats', version: '2.29.3', fake: 'nats' },
  {
    ...ofLibraries('nats-core'),
    packageName: '@nats-io/transport-node',
    version: '3.4.0',
    fake: 'nats',
  },
  {
    name: 'feathers',
    args: ['feathers-app.mjs'],
    packageName: '@feathersjs/express',
    version: '5.0.50',
    family: ['@feathersjs/feathers'],
    requests: ['/orders', '/orders/7', '/orders/broken', '/missing'].map(
      (path): AppRequest => ({ path }),
    ),
  },
  {
    ...ofApps('loopback'),
    packageName: '@loopback/rest',
    version: '15.0.16',
    others: ['@loopback/core@7.0.15'],
  },
  {
    ...ofApps('moleculer-web'),
    packageName: 'moleculer-web',
    version: '0.11.0',
    others: ['moleculer@0.15.2'],
  },
  { ...ofApps('polka'), packageName: 'polka', version: '0.5.2' },
  { ...ofApps('sails'), packageName: 'sails', version: '1.5.18' },
  { ...ofApps('tinyhttp'), packageName: '@tinyhttp/app', version: '3.0.11' },
  {
    ...ofApps('nest-microservices'),
    packageName: '@nestjs/microservices',
    version: '12.1.1',
    others: [
      '@nestjs/common@12.5.1',
      '@nestjs/core@12.5.1',
      '@nestjs/platform-express@12.5.1',
      'reflect-metadata@0.2.2',
      'rxjs@7.8.2',
    ],
  },
  {
    ...ofApps('nest-schedule'),
    packageName: '@nestjs/schedule',
    version: '12.0.2',
    others: [
      '@nestjs/common@12.5.1',
      '@nestjs/core@12.5.1',
      'cron@4.4.0',
      'reflect-metadata@0.2.2',
      'rxjs@7.8.2',
    ],
  },
  { ...ofApps('schedulers'), name: 'node-cron', packageName: 'node-cron', version: '4.6.0' },
  { ...ofApps('node-schedule'), packageName: 'node-schedule', version: '2.1.1' },
  {
    ...ofLibraries('nodemailer'),
    packageName: 'nodemailer',
    version: '10.6.1',
    others: ['smtp-server@3.21.6'],
  },
  { ...ofApps('croner'), packageName: 'croner', version: '11.0.1' },
  {
    ...ofApps('graphile-worker'),
    packageName: 'graphile-worker',
    version: '0.18.0',
    servers: ['postgres'],
  },
  { ...ofApps('pg-boss'), packageName: 'pg-boss', version: '12.38.0', servers: ['postgres'] },
  { ...ofApps('piscina'), packageName: 'piscina', version: '5.3.2' },
  {
    ...ofLibraries('postgres'),
    packageName: 'postgres',
    version: '3.4.9',
    servers: ['postgres'],
    ignoresOutput: true,
  },
  { name: 'restify', packageName: 'restify', version: '12.0.0', requests: SHOP },
  { ...enabled('router'), packageName: 'router', version: '2.3.0', requests: SHOP },
  {
    name: 'socket.io',
    packageName: 'socket.io',
    version: '4.8.4',
    others: ['socket.io-client@4.8.4'],
  },
  {
    ...ofApps('sqs-consumer'),
    packageName: 'sqs-consumer',
    version: '15.0.3',
    others: ['@aws-sdk/client-sqs@3.1169.0'],
    servers: ['moto'],
  },
  { name: 'tedious', packageName: 'tedious', version: '20.3.9' },
  { ...ofApps('toad-scheduler'), packageName: 'toad-scheduler', version: '4.1.0' },
  { ...ofApps('trpc'), packageName: '@trpc/server', version: '11.25.2' },
  { name: 'undici', packageName: 'undici', version: '8.13.1' },
];

/** Instrumentations whose programs have another name. */
export const PROGRAM_NAMES: Readonly<Record<string, string>> = {
  ai: 'ai-sdk',
  'nestjs-core': 'nestjs',
};

/** Instrumented packages that `npm run canary` does not run, and why. By the name of the instrumentation. */
export const WITHOUT_PROGRAM: Readonly<Record<string, string>> = {
  'apollo-gateway': 'its spans are those of test/instrumentation/apollo-gateway.test.ts',
  'aws-lambda':
    "the handler of a function has no package; AWS's runtime client runs it in test/lambda",
  'confluent-kafka': 'npm does not contain its native part',
  dns: 'a part of Node.js; off by default',
  fs: 'a part of Node.js; off by default',
  http: 'a part of Node.js',
  net: 'a part of Node.js; off by default',
  next: 'an app is built first: test/matrix/next.matrix.ts',
  'react-router': 'an app is built first: test/matrix/real.matrix.ts',
  foal: 'it has one function: test/instrumentation/frameworks/handled-errors.test.ts',
  midway: 'it has one function: test/instrumentation/frameworks/handled-errors.test.ts',
  remix: 'it has the handlers of an app: test/instrumentation/frameworks/remix.test.ts',
  sveltekit: 'an app is built first: test/matrix/real.matrix.ts',
  'vue-router': 'an app of Nuxt is built first: test/matrix/real.matrix.ts',
};

/**
 * Programs that are also run as a bundle: of esbuild, and of the bundlers here. Every pair was run once, except that
 * of mongoose and rollup, whose plugin cannot resolve a package (`punycode/`); these take half a minute.
 */
export const BUNDLED: Readonly<Record<string, readonly Exclude<Bundler, 'esbuild'>[]>> = {
  anthropic: ['webpack', 'vite'],
  'chat-clients': [],
  'better-sqlite3': ['rolldown'],
  grpc: ['rollup'],
  kafkajs: ['rspack'],
  mongoose: ['webpack', 'rolldown'],
  'nats-core': ['vite'],
  openai: ['rspack', 'rollup'],
};
