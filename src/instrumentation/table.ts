// Written by scripts/instrumentation-table.ts from the installed versions; not by hand.

export interface InstrumentationRow {
  /** As `OTEL_NODE_ENABLED_INSTRUMENTATIONS` names it; also the name of its chunk. */
  readonly name: string;
  /** The npm package it is compiled in from, or our file; and the name of its class there. */
  readonly from: string;
  readonly export: string;
  /** Packages that load it when they load; empty for those that are started another way. */
  readonly modules: readonly string[];
  /** For each package the first version that the instrumentation does not know, where there is one. */
  readonly below: Readonly<Record<string, string>>;
}

// biome-ignore format: one row a line
export const INSTRUMENTATIONS: readonly InstrumentationRow[] = [
  { name: 'amqplib', from: '@opentelemetry/instrumentation-amqplib', export: 'AmqplibInstrumentation', modules: ['amqplib'], below: { amqplib: '3' } },
  { name: 'aws-lambda', from: '@opentelemetry/instrumentation-aws-lambda', export: 'AwsLambdaInstrumentation', modules: [], below: {} },
  { name: 'aws-sdk', from: '@opentelemetry/instrumentation-aws-sdk', export: 'AwsInstrumentation', modules: ['@aws-sdk/middleware-stack', '@smithy/middleware-stack', '@smithy/core', '@aws-sdk/smithy-client', '@smithy/smithy-client'], below: { '@aws-sdk/smithy-client': '4' } },
  { name: 'bunyan', from: '@opentelemetry/instrumentation-bunyan', export: 'BunyanInstrumentation', modules: ['bunyan'], below: { bunyan: '2' } },
  { name: 'cassandra-driver', from: '@opentelemetry/instrumentation-cassandra-driver', export: 'CassandraDriverInstrumentation', modules: ['cassandra-driver'], below: { 'cassandra-driver': '5' } },
  { name: 'connect', from: '@opentelemetry/instrumentation-connect', export: 'ConnectInstrumentation', modules: ['connect'], below: { connect: '4' } },
  { name: 'cucumber', from: '@opentelemetry/instrumentation-cucumber', export: 'CucumberInstrumentation', modules: ['@cucumber/cucumber'], below: { '@cucumber/cucumber': '13' } },
  { name: 'dataloader', from: '@opentelemetry/instrumentation-dataloader', export: 'DataloaderInstrumentation', modules: ['dataloader'], below: { dataloader: '3' } },
  { name: 'dns', from: '@opentelemetry/instrumentation-dns', export: 'DnsInstrumentation', modules: [], below: {} },
  { name: 'express', from: '@opentelemetry/instrumentation-express', export: 'ExpressInstrumentation', modules: ['express'], below: { express: '6' } },
  { name: 'fastify', from: '@fastify/otel', export: 'FastifyOtelInstrumentation', modules: ['fastify'], below: { fastify: '6' } },
  { name: 'fs', from: '@opentelemetry/instrumentation-fs', export: 'FsInstrumentation', modules: [], below: {} },
  { name: 'generic-pool', from: '@opentelemetry/instrumentation-generic-pool', export: 'GenericPoolInstrumentation', modules: ['generic-pool'], below: { 'generic-pool': '4' } },
  { name: 'graphql', from: '@opentelemetry/instrumentation-graphql', export: 'GraphQLInstrumentation', modules: ['graphql'], below: { graphql: '17' } },
  { name: 'grpc', from: '@opentelemetry/instrumentation-grpc', export: 'GrpcInstrumentation', modules: ['@grpc/grpc-js'], below: { '@grpc/grpc-js': '2' } },
  { name: 'hapi', from: '@opentelemetry/instrumentation-hapi', export: 'HapiInstrumentation', modules: ['@hapi/hapi'], below: { '@hapi/hapi': '22' } },
  { name: 'hono', from: './hono.ts', export: 'HonoInstrumentation', modules: ['hono'], below: {} },
  { name: 'http', from: '@opentelemetry/instrumentation-http', export: 'HttpInstrumentation', modules: [], below: {} },
  { name: 'ioredis', from: '@opentelemetry/instrumentation-ioredis', export: 'IORedisInstrumentation', modules: ['ioredis'], below: { ioredis: '7' } },
  { name: 'kafkajs', from: '@opentelemetry/instrumentation-kafkajs', export: 'KafkaJsInstrumentation', modules: ['kafkajs'], below: { kafkajs: '3' } },
  { name: 'knex', from: '@opentelemetry/instrumentation-knex', export: 'KnexInstrumentation', modules: ['knex'], below: { knex: '4' } },
  { name: 'koa', from: '@opentelemetry/instrumentation-koa', export: 'KoaInstrumentation', modules: ['koa'], below: { koa: '4' } },
  { name: 'lru-memoizer', from: '@opentelemetry/instrumentation-lru-memoizer', export: 'LruMemoizerInstrumentation', modules: ['lru-memoizer'], below: { 'lru-memoizer': '4' } },
  { name: 'memcached', from: '@opentelemetry/instrumentation-memcached', export: 'MemcachedInstrumentation', modules: ['memcached'], below: { memcached: '3' } },
  { name: 'mongodb', from: '@opentelemetry/instrumentation-mongodb', export: 'MongoDBInstrumentation', modules: ['mongodb'], below: { mongodb: '8' } },
  { name: 'mongoose', from: '@opentelemetry/instrumentation-mongoose', export: 'MongooseInstrumentation', modules: ['mongoose'], below: { mongoose: '10' } },
  { name: 'mysql', from: '@opentelemetry/instrumentation-mysql', export: 'MySQLInstrumentation', modules: ['mysql'], below: { mysql: '3' } },
  { name: 'mysql2', from: '@opentelemetry/instrumentation-mysql2', export: 'MySQL2Instrumentation', modules: ['mysql2'], below: { mysql2: '4' } },
  { name: 'nestjs-core', from: '@opentelemetry/instrumentation-nestjs-core', export: 'NestInstrumentation', modules: ['@nestjs/core'], below: { '@nestjs/core': '12' } },
  { name: 'net', from: '@opentelemetry/instrumentation-net', export: 'NetInstrumentation', modules: [], below: {} },
  { name: 'openai', from: '@opentelemetry/instrumentation-openai', export: 'OpenAIInstrumentation', modules: ['openai'], below: { openai: '7' } },
  { name: 'oracledb', from: '@opentelemetry/instrumentation-oracledb', export: 'OracleInstrumentation', modules: ['oracledb'], below: { oracledb: '8' } },
  { name: 'pg', from: '@opentelemetry/instrumentation-pg', export: 'PgInstrumentation', modules: ['pg', 'pg-pool'], below: { pg: '9', 'pg-pool': '4' } },
  { name: 'pino', from: '@opentelemetry/instrumentation-pino', export: 'PinoInstrumentation', modules: ['pino'], below: { pino: '11' } },
  { name: 'redis', from: '@opentelemetry/instrumentation-redis', export: 'RedisInstrumentation', modules: ['redis', '@redis/client', '@node-redis/client'], below: { '@redis/client': '7', '@node-redis/client': '7' } },
  { name: 'restify', from: '@opentelemetry/instrumentation-restify', export: 'RestifyInstrumentation', modules: ['restify'], below: { restify: '13' } },
  { name: 'router', from: '@opentelemetry/instrumentation-router', export: 'RouterInstrumentation', modules: ['router'], below: { router: '3' } },
  { name: 'socket.io', from: '@opentelemetry/instrumentation-socket.io', export: 'SocketIoInstrumentation', modules: ['socket.io'], below: { 'socket.io': '5' } },
  { name: 'tedious', from: '@opentelemetry/instrumentation-tedious', export: 'TediousInstrumentation', modules: ['tedious'], below: { tedious: '21' } },
  { name: 'undici', from: '@opentelemetry/instrumentation-undici', export: 'UndiciInstrumentation', modules: [], below: {} },
  { name: 'winston', from: '@opentelemetry/instrumentation-winston', export: 'WinstonInstrumentation', modules: ['winston'], below: { winston: '4' } },
];
