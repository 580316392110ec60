import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SegmentDocument } from '../../src/translator/document.ts';
import { REGISTER } from '../harmless/compare.ts';
import { startFakeDaemon } from '../support/fake-daemon.ts';
import { run } from '../support/run.ts';

const PROGRAM = join(import.meta.dirname, 'programs/crash.mjs');

/** The other request is open when the process ends, with its handler and its call. */
const SLOW = ['app in progress /slow', 'request handler in progress'];
const CALL = 'localhost in progress';
const FAULT = 'app fault /crash/7 ! Broken: on purpose';
const OPEN = ['app in progress /crash/7', 'request handler in progress', CALL];

test.for([
  ['a throw', [FAULT, CALL]],
  ['a rejection', [FAULT, CALL]],
  ['a timer', [`${FAULT} route /crash/:id`, 'request handler', CALL]],
  ['an event', [`${FAULT} route /crash/:id`, 'request handler', CALL]],
  ['a timer, with a listener that exits', [`${FAULT} route /crash/:id`, 'request handler', CALL]],
  [
    'a timer, with a listener that goes on',
    ['app /crash/7 200 ! Broken: on purpose route /crash/:id', 'request handler', 'localhost 200'],
  ],
  ['exit', OPEN],
  ['SIGTERM', OPEN],
  ['a rejection in a worker', [FAULT, CALL]],
  ['a timer in a worker', [`${FAULT} route /crash/:id`, 'request handler', CALL]],
  ['exit in a worker', OPEN],
] as const)('%s leaves the requests that were open', async ([way, expected]) => {
  await using daemon = await startFakeDaemon();
  const env = {
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.endpoint.port}`,
    OTEL_SERVICE_NAME: 'app',
    OTEL_TRACES_SAMPLER: 'always_on',
  };
  const without = await run([PROGRAM, way], { env });
  const traced = await run(['--import', REGISTER, PROGRAM, way], { env });
  expect(withoutFrames(traced)).toEqual(withoutFrames(without));
  await daemon.drained();
  expect(daemon.flat().filter(isPart).map(described).sort()).toEqual([...SLOW, ...expected].sort());
});

/** The client of the whole program is no request. */
function isPart({ name, parent_id, http }: SegmentDocument): boolean {
  return (
    parent_id !== undefined || http?.request?.url?.includes('/slow') !== true || name === 'app'
  );
}

function described({ name, in_progress, fault, http, cause, metadata }: SegmentDocument): string {
  const exceptions = typeof cause === 'object' ? cause.exceptions : [];
  const { request, response } = http ?? {};
  const route = name === 'app' ? metadata?.default?.['http.route'] : undefined;
  return [
    name,
    in_progress && 'in progress',
    fault && 'fault',
    name === 'app' && new URL(request?.url ?? '').pathname,
    response?.status,
    ...exceptions.map(({ type, message }) => `! ${type}: ${message}`),
    route && !in_progress && `route ${route}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Frames of the instrumentations are in the stack. */
function withoutFrames({ stderr, ...rest }: Awaited<ReturnType<typeof run>>): object {
  const lines = stderr.split('\n').filter((line) => !/^\s+at |^(?:warn|info) otel-xray/.test(line));
  return { ...rest, stderr: lines };
}
