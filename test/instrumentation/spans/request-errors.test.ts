import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAMEWORK_PACKAGES } from '../../support/framework-apps.ts';
import { type App, installApp } from '../../support/packed.ts';
import { errorRun } from '../error-runs.ts';

/** Where the routes of a program raise their error, and what then has it as cause. */
interface ErrorProgram {
  readonly program: string;
  /** Versions before the newest ones are in a folder of their own. */
  readonly isOld?: boolean;
  readonly onSegment: readonly string[];
  readonly onHandler: readonly string[];
  /** Name of the subsegment of a handler. */
  readonly handler?: Readonly<Record<string, string>>;
}

const EXPRESS_MIDDLEWARE = ['use-next', 'use-later', 'use-throw', 'nested', 'sub-app', 'param'];

const PROGRAMS: readonly ErrorProgram[] = [
  {
    program: 'connect',
    onSegment: ['layer-next', 'layer-throw'],
    onHandler: ['use-next', 'use-throw', 'nested'],
  },
  {
    program: 'express',
    onSegment: [...EXPRESS_MIDDLEWARE, 'use-reject', 'router-handled'],
    onHandler: ['route-next', 'route-throw', 'route-reject', 'route-handled', 'route-body'],
  },
  {
    program: 'express-4',
    isOld: true,
    onSegment: [...EXPRESS_MIDDLEWARE, 'router-handled'],
    onHandler: ['route-next', 'route-throw', 'route-handled', 'route-body'],
  },
  {
    program: 'fastify',
    onSegment: ['onRequest', 'preHandler'],
    onHandler: ['route-throw', 'route-reject'],
  },
  {
    program: 'hapi',
    onSegment: ['on-request', 'on-pre-handler'],
    onHandler: ['route-throw', 'route-reject', 'route-return'],
  },
  {
    program: 'koa',
    onSegment: ['use-throw', 'use-reject'],
    onHandler: ['route-throw', 'route-reject', 'route-emit', 'nested'],
  },
  {
    program: 'koa-2',
    isOld: true,
    onSegment: ['use-throw', 'use-reject'],
    onHandler: ['route-throw', 'route-reject', 'route-emit', 'nested'],
  },
  {
    program: 'nest',
    onSegment: ['use-next', 'use-throw'],
    onHandler: ['route-throw', 'route-reject', 'guard', 'interceptor'],
    handler: {
      'route-throw': 'Routes.throws',
      'route-reject': 'Routes.rejects',
      guard: 'Routes.guarded',
      interceptor: 'Routes.intercepted',
    },
  },
];

/** What the traces of an error must show: the flag follows the status, the error is there once. */
const FORMS = [
  { path: '200', shown: '200', flag: '', exception: (where: string) => `! Broken: ${where} *` },
  {
    path: '404',
    shown: '404',
    flag: 'error ',
    exception: (where: string) => `! Broken: ${where} *`,
  },
  {
    path: '500',
    shown: '500',
    flag: 'fault ',
    exception: (where: string) => `! Broken: ${where} *`,
  },
  {
    path: '500/text',
    shown: '500',
    flag: 'fault ',
    exception: (where: string) => `! string: ${where}`,
  },
] as const;

function expected({ onSegment, onHandler, handler }: ErrorProgram): readonly string[] {
  return FORMS.flatMap(({ path, shown, flag, exception }) => [
    ...onSegment.map((where) => `/${where}/${path} ${shown}, app ${flag}${exception(where)}`),
    ...onHandler.map((where) => {
      const segment = flag === '' ? '' : `, app ${flag.trim()}`;
      const name = handler?.[where] ?? 'request handler';
      return `/${where}/${path} ${shown}${segment}, ${name} ${flag}${exception(where)}`;
    }),
  ]);
}

function pathsOf({ onSegment, onHandler }: ErrorProgram): readonly string[] {
  return FORMS.flatMap(({ path }) => [...onSegment, ...onHandler].map((at) => `/${at}/${path}`));
}

let apps: readonly [App, App];
const folderOf = ({ isOld }: ErrorProgram): string => join(apps[isOld ? 1 : 0].folder, 'programs');

beforeAll(async () => {
  apps = [
    await installApp(...FRAMEWORK_PACKAGES, 'connect@3.7.0'),
    await installApp('express@4.21.2', 'koa@2.16.1', '@koa/router@13.1.0'),
  ];
  for (const { folder } of apps) {
    cpSync(join(import.meta.dirname, '../programs/errors'), join(folder, 'programs'), {
      recursive: true,
    });
  }
});
afterAll(() => apps.map((app) => app.remove()));

test.for(PROGRAMS)(
  '$program: each error is the cause of one part of its trace',
  async (program) => {
    const run = { folder: folderOf(program), program: program.program, paths: pathsOf(program) };
    expect(await errorRun(run)).toEqual(expected(program));
  },
);

test.for(PROGRAMS)('$program: errors that the framework answers are recorded', async (program) => {
  const paths = [...program.onSegment, ...program.onHandler]
    .filter((where) => !where.endsWith('handled'))
    .map((where) => `/${where}/500`);
  const run = { folder: folderOf(program), program: program.program, args: ['--plain'], paths };
  const rows = await errorRun(run);
  const counts = rows.map((row) => row.split('!').length - 1);
  expect(counts).toEqual(paths.map(() => 1));
  expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual(
    paths.map((path) => `${path} 500`),
  );
});

test.for(PROGRAMS)(
  '$program: with middleware spans, an error is recorded once',
  async (program) => {
    const paths = pathsOf(program);
    const rows = await errorRun({
      folder: folderOf(program),
      program: program.program,
      env: { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' },
      paths,
    });
    const recorded = rows.map((row) => row.split('!').slice(1));
    expect(recorded.map(({ length }) => length)).toEqual(paths.map(() => 1));
  },
);

test('hono: an error is recorded on the segment', async () => {
  const wheres = ['use-throw', 'use-reject', 'route-throw', 'route-reject'];
  const run = {
    folder: join(apps[0].folder, 'programs'),
    program: 'hono',
    paths: wheres.flatMap((where) => [`/${where}/404`, `/${where}/500`]),
  };
  expect(await errorRun(run)).toEqual(
    wheres.flatMap((where) => [
      `/${where}/404 404, app error ! Broken: ${where} *`,
      `/${where}/500 500, app fault ! Broken: ${where} *`,
    ]),
  );
});
