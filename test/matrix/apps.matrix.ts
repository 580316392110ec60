import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checkMiddleware, checkProgram, checkScheduled, PROGRAMS } from '../apps/program-run.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { type App, installApp } from '../support/packed.ts';
import { hasServers, type ServerName, type Servers, startServers } from '../support/servers.ts';

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.9.1',
  '@adonisjs/core@6.21.0',
  '@agendajs/postgres-backend@3.0.6',
  '@apollo/server@5.5.1',
  '@aws-sdk/client-sqs@3.1169.0',
  '@fastify/cors@11.4.3',
  '@fastify/helmet@13.2.0',
  '@fastify/jwt@10.2.8',
  '@fastify/rate-limit@11.2.0',
  '@fastify/swagger@9.9.3',
  '@fastify/websocket@11.3.7',
  '@grpc/grpc-js@1.14.7',
  '@grpc/proto-loader@0.8.1',
  '@hapi/hapi@21.4.10',
  '@hono/node-server@2.1.8',
  '@koa/router@15.7.0',
  '@nestjs/common@11.2.10',
  '@nestjs/core@11.2.10',
  '@nestjs/microservices@11.2.6',
  '@nestjs/platform-express@11.2.10',
  '@trpc/server@11.25.2',
  '@nestjs/schedule@6.1.3',
  'agenda@6.2.6',
  'amqp-connection-manager@5.0.0',
  'amqplib@2.3.1',
  'bee-queue@2.0.0',
  'bree@9.2.9',
  'bull@4.16.5',
  'bullmq@6.7.0',
  'connect@3.7.0',
  'cron@4.4.0',
  'croner@11.0.1',
  'fastify@5.12.8',
  'graphile-worker@0.18.0',
  'graphql@16.15.0',
  'graphql-yoga@5.24.1',
  'hono@4.13.19',
  'ioredis@5.11.1',
  'koa@3.3.0',
  'mercurius@16.10.1',
  'mqtt@5.16.0',
  'nats@2.29.3',
  'node-cron@4.6.0',
  'node-schedule@2.1.1',
  'pg-boss@12.38.0',
  'piscina@5.3.2',
  'reflect-metadata@0.2.2',
  'rxjs@7.8.2',
  'sqs-consumer@15.0.3',
  'toad-scheduler@4.1.0',
];

/** Apps that need nothing else. */
const APPS: readonly string[] = [
  'adonisjs-6',
  'fastify',
  'hapi',
  'hono',
  'koa',
  'nest',
  'nest-microservices',
  'nest-grpc',
  'trpc',
  'connect',
  'apollo',
  'yoga',
  'mercurius',
  'piscina',
];

/** Apps that need a server, and the server. */
const WITH_SERVER: Readonly<Record<string, ServerName>> = {
  agenda: 'postgres',
  'bee-queue': 'redis',
  bull: 'redis',
  bullmq: 'redis',
  'graphile-worker': 'postgres',
  'nest-mqtt': 'mosquitto',
  'nest-redis': 'redis',
  'nest-rmq': 'rabbitmq',
  'pg-boss': 'postgres',
  'sqs-consumer': 'moto',
};

let app: App;
beforeAll(async () => {
  app = await installApp(...PACKAGES);
  cpSync(PROGRAMS, app.folder, { recursive: true });
});
afterAll(() => app?.remove());

test.each(APPS)(
  '%s has the trace that its users expect, and answers as without otel-xray',
  (name) => checkProgram(app.folder, name),
);

test.each(['fastify', 'hapi', 'connect', 'hono', 'koa', 'nest'])(
  'OTEL_XRAY_MIDDLEWARE_SPANS=true shows the hooks of %s as subsegments with short names',
  (name) => checkMiddleware(app.folder, name),
);

test.each([
  'schedulers',
  'bree',
  'cron',
  'croner',
  'node-schedule',
  'toad-scheduler',
  'nest-schedule',
])('each run of a scheduled task is a separate trace: %s', (name) =>
  checkScheduled({ folder: app.folder, program: app.node }, name),
);

test('each message of nest-nats is in the trace that its users expect', async () => {
  await using server = await startNatsServer();
  await checkProgram(app.folder, 'nest-nats', { PORT_nats: String(server.port) });
});

const SERVERS = [...new Set(Object.values(WITH_SERVER))];

describe.runIf(hasServers(SERVERS))('with a server', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(SERVERS);
  });
  afterAll(() => servers?.[Symbol.asyncDispose]());

  test.each(Object.entries(WITH_SERVER))(
    'each job or message of %s is in the trace that its users expect',
    async (name, server) => {
      const env = {
        AWS_ACCESS_KEY_ID: 'id',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${servers.ports.moto}`,
        AWS_SECRET_ACCESS_KEY: 'secret',
        [`PORT_${server}`]: String(servers.ports[server]),
      };
      await checkProgram(app.folder, name, env);
    },
  );
});
