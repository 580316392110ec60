// Written by scripts/instrumentation-table.ts from the installed versions; not by hand.

export interface InstrumentationRow {
  /** As `OTEL_NODE_ENABLED_INSTRUMENTATIONS` names it; also the name of its chunk. */
  readonly name: string;
  /** The npm package it is compiled in from, or our file; and the name of its class there. */
  readonly from: string;
  readonly export: string;
  /** Packages that load it when they load; empty for those that are started another way. */
  readonly modules: readonly string[];
}

// biome-ignore format: one row a line
export const INSTRUMENTATIONS: readonly InstrumentationRow[] = [
  { name: 'amqplib', from: '@opentelemetry/instrumentation-amqplib', export: 'AmqplibInstrumentation', modules: ['amqplib'] },
  { name: 'aws-lambda', from: '@opentelemetry/instrumentation-aws-lambda', export: 'AwsLambdaInstrumentation', modules: [] },
  { name: 'aws-sdk', from: '@opentelemetry/instrumentation-aws-sdk', export: 'AwsInstrumentation', modules: ['@aws-sdk/middleware-stack', '@smithy/middleware-stack', '@smithy/core', '@aws-sdk/smithy-client', '@smithy/smithy-client'] },
  { name: 'bunyan', from: '@opentelemetry/instrumentation-bunyan', export: 'BunyanInstrumentation', modules: ['bunyan'] },
  { name: 'cassandra-driver', from: '@opentelemetry/instrumentation-cassandra-driver', export: 'CassandraDriverInstrumentation', modules: ['cassandra-driver'] },
  { name: 'connect', from: '@opentelemetry/instrumentation-connect', export: 'ConnectInstrumentation', modules: ['connect'] },
  { name: 'cucumber', from: '@opentelemetry/instrumentation-cucumber', export: 'CucumberInstrumentation', modules: ['@cucumber/cucumber'] },
  { name: 'dataloader', from: '@opentelemetry/instrumentation-dataloader', export: 'DataloaderInstrumentation', modules: ['dataloader'] },
  { name: 'dns', from: '@opentelemetry/instrumentation-dns', export: 'DnsInstrumentation', modules: [] },
  { name: 'express', from: '@opentelemetry/instrumentation-express', export: 'ExpressInstrumentation', modules: ['express'] },
  { name: 'fastify', from: '@fastify/otel', export: 'FastifyOtelInstrumentation', modules: ['fastify'] },
  { name: 'fs', from: '@opentelemetry/instrumentation-fs', export: 'FsInstrumentation', modules: [] },
  { name: 'generic-pool', from: '@opentelemetry/instrumentation-generic-pool', export: 'GenericPoolInstrumentation', modules: ['generic-pool'] },
  { name: 'graphql', from: '@opentelemetry/instrumentation-graphql', export: 'GraphQLInstrumentation', modules: ['graphql'] },
  { name: 'grpc', from: '@opentelemetry/instrumentation-grpc', export: 'GrpcInstrumentation', modules: ['@grpc/grpc-js'] },
  { name: 'hapi', from: '@opentelemetry/instrumentation-hapi', export: 'HapiInstrumentation', modules: ['@hapi/hapi'] },
  { name: 'hono', from: './hono.ts', export: 'HonoInstrumentation', modules: ['hono'] },
  { name: 'http', from: '@opentelemetry/instrumentation-http', export: 'HttpInstrumentation', modules: [] },
  { name: 'ioredis', from: '@opentelemetry/instrumentation-ioredis', export: 'IORedisInstrumentation', modules: ['ioredis'] },
  { name: 'kafkajs', from: '@opentelemetry/instrumentation-kafkajs', export: 'KafkaJsInstrumentation', modules: ['kafkajs'] },
  { name: 'knex', from: '@opentelemetry/instrumentation-knex', export: 'KnexInstrumentation', modules: ['knex'] },
  { name: 'koa', from: '@opentelemetry/instrumentation-koa', export: 'KoaInstrumentation', modules: ['koa'] },
  { name: 'lru-memoizer', from: '@opentelemetry/instrumentation-lru-memoizer', export: 'LruMemoizerInstrumentation', modules: ['lru-memoizer'] },
  { name: 'memcached', from: '@opentelemetry/instrumentation-memcached', export: 'MemcachedInstrumentation', modules: ['memcached'] },
  { name: 'mongodb', from: '@opentelemetry/instrumentation-mongodb', export: 'MongoDBInstrumentation', modules: ['mongodb'] },
  { name: 'mongoose', from: '@opentelemetry/instrumentation-mongoose', export: 'MongooseInstrumentation', modules: ['mongoose'] },
  { name: 'mysql', from: '@opentelemetry/instrumentation-mysql', export: 'MySQLInstrumentation', modules: ['mysql'] },
  { name: 'mysql2', from: '@opentelemetry/instrumentation-mysql2', export: 'MySQL2Instrumentation', modules: ['mysql2'] },
  { name: 'nestjs-core', from: '@opentelemetry/instrumentation-nestjs-core', export: 'NestInstrumentation', modules: ['@nestjs/core'] },
  { name: 'net', from: '@opentelemetry/instrumentation-net', export: 'NetInstrumentation', modules: [] },
  { name: 'openai', from: '@opentelemetry/instrumentation-openai', export: 'OpenAIInstrumentation', modules: ['openai'] },
  { name: 'oracledb', from: '@opentelemetry/instrumentation-oracledb', export: 'OracleInstrumentation', modules: ['oracledb'] },
  { name: 'pg', from: '@opentelemetry/instrumentation-pg', export: 'PgInstrumentation', modules: ['pg', 'pg-pool'] },
  { name: 'pino', from: '@opentelemetry/instrumentation-pino', export: 'PinoInstrumentation', modules: ['pino'] },
  { name: 'redis', from: '@opentelemetry/instrumentation-redis', export: 'RedisInstrumentation', modules: ['redis', '@redis/client', '@node-redis/client'] },
  { name: 'restify', from: '@opentelemetry/instrumentation-restify', export: 'RestifyInstrumentation', modules: ['restify'] },
  { name: 'router', from: '@opentelemetry/instrumentation-router', export: 'RouterInstrumentation', modules: ['router'] },
  { name: 'socket.io', from: '@opentelemetry/instrumentation-socket.io', export: 'SocketIoInstrumentation', modules: ['socket.io'] },
  { name: 'tedious', from: '@opentelemetry/instrumentation-tedious', export: 'TediousInstrumentation', modules: ['tedious'] },
  { name: 'undici', from: '@opentelemetry/instrumentation-undici', export: 'UndiciInstrumentation', modules: [] },
  { name: 'winston', from: '@opentelemetry/instrumentation-winston', export: 'WinstonInstrumentation', modules: ['winston'] },
];
