import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/staleness.mjs';
import { tracesOf } from '../../support/app-traces.ts';

const REGISTER = join(root, 'dist/register.cjs');
const APP = join(import.meta.dirname, '../programs/fastify.mjs');

test('a request without a socket has a segment, and its handler a subsegment', async () => {
  expect(await tracesOf(['--import', REGISTER, APP])).toEqual([
    'app (segment)  HEAD 200  route /orders/:id',
    '  request handler  route /orders/:id',
    'app (segment)  GET 200  route /later',
    '  request handler  route /later',
    'app (segment)  GET 200  route /query',
    '  request handler  route /query',
    'app (segment)  GET 500  route /unsendable  fault  ! RangeError: unsendable',
    '  request handler  route /unsendable',
    'app (segment)  GET 404  error',
  ]);
});

test('with middleware spans, each hook has a subsegment as well', async () => {
  const env = { OTEL_XRAY_MIDDLEWARE_SPANS: 'true' };
  expect(await tracesOf(['--import', REGISTER, APP], { env })).toEqual([
    'app (segment)  HEAD 200  route /orders/:id',
    '  request handler  route /orders/:id',
    '  onSend',
    '  onSend headRouteOnSendHandler  route /orders/:id',
    'app (segment)  GET 200  route /later',
    '  request handler  route /later',
    '  onSend',
    'app (segment)  GET 200  route /query',
    '  request handler  route /query',
    '  onSend',
    'app (segment)  GET 500  route /unsendable  fault  ! unsendable',
    '  request handler  route /unsendable',
    '  onSend  fault  ! RangeError: unsendable',
    '  onSend',
    'app (segment)  GET 404  error',
    '  onSend',
  ]);
});
