import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAMEWORK_PACKAGES } from '../../support/framework-apps.ts';
import { installedNode } from '../../support/nodes.ts';
import { type App, installApp } from '../../support/packed.ts';
import { errorRun } from '../error-runs.ts';

interface Framework {
  readonly name: string;
  /** Version of Node, for a framework that does not run in the current one. */
  readonly nodeVersion?: string;
  /** In which part of the trace the error is; Hono has no subsegments for handlers. */
  readonly part: 'request handler' | 'app';
  /** The ways to fail, with the error that is recorded. */
  readonly ways: Readonly<Record<string, string>>;
}

const broken = (...ways: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(ways.map((way) => [way, `! Broken: ${way} *`]));

const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'express',
    part: 'request handler',
    ways: broken('next', 'next-later', 'reject'),
  },
  {
    name: 'fastify',
    part: 'request handler',
    ways: broken('throw', 'send', 'send-later', 'return-send', 'return', 'return-later'),
  },
  {
    name: 'restify',
    nodeVersion: '20.19.6',
    part: 'request handler',
    ways: broken('next', 'next-later', 'if-error', 'reject', 'send', 'send-later', 'second'),
  },
  {
    name: 'koa',
    part: 'request handler',
    ways: {
      ...broken('throw'),
      assert: '! BadRequestError: assert',
      context: '! BadRequestError: context',
    },
  },
  { name: 'hapi', part: 'request handler', ways: broken('throw', 'return', 'return-later') },
  {
    name: 'h3',
    part: 'request handler',
    ways: {
      throw: '! HTTPError: throw *',
      return: '! HTTPError: return *',
      reject: '! HTTPError: reject',
    },
  },
  {
    name: 'hono',
    part: 'app',
    ways: {
      exception: '! HTTPException: exception *',
      cause: '! HTTPException: cause * ! Broken: below *',
    },
  },
];

let app: App;
beforeAll(async () => {
  app = await installApp(...FRAMEWORK_PACKAGES, '@hapi/boom@10.0.1', 'h3@2.0.8', 'restify@11.1.0');
  cpSync(join(import.meta.dirname, '../programs/errors'), join(app.folder, 'programs'), {
    recursive: true,
  });
});
afterAll(() => app?.remove());

test.for(FRAMEWORKS)(
  '$name: however a handler fails, the handler has the error',
  async ({ name, nodeVersion = process.versions.node, part, ways }) => {
    const rows = await errorRun({
      folder: join(app.folder, 'programs'),
      program: 'ways',
      node: await installedNode(nodeVersion),
      args: [name],
      paths: Object.keys(ways).map((way) => `/${way}/400`),
    });
    const before = part === 'app' ? '' : 'app error, ';
    expect(rows).toEqual(
      Object.entries(ways).map(
        ([way, error]) => `/${way}/400 400, ${before}${part} error ${error}`,
      ),
    );
  },
);

test('fastify: an answer with the status of an error has no exception', async () => {
  const folder = join(app.folder, 'programs');
  const run = { folder, program: 'ways', args: ['fastify'], paths: ['/body/404'] };
  expect(await errorRun(run)).toEqual(['/body/404 404, app error']);
});
