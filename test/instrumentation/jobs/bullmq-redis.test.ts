import { context, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { leaveOutCommands } from '../../../src/instrumentation/jobs/bullmq-redis.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const isLeftOut = (): boolean => isTracingSuppressed(context.active());

/** As BullMQ adapts a client of node-redis. */
class Adapter {
  readonly raw: object;
  constructor(raw: object) {
    this.raw = raw;
  }
  get status(): string {
    return 'ready';
  }
  async runCommand(...args: readonly unknown[]): Promise<unknown> {
    return [isLeftOut(), args];
  }
  multi(): Transaction {
    return new Transaction();
  }
}
class Transaction {
  exec(): boolean {
    return isLeftOut();
  }
}
class OtherAdapter {
  readonly raw = { isOpen: true };
  runCommand(): boolean {
    return isLeftOut();
  }
}

class Connection {
  readonly _client: Adapter | OtherAdapter;
  constructor(client: Adapter | OtherAdapter) {
    this._client = client;
  }
  async init(): Promise<unknown> {
    return this._client;
  }
}
leaveOutCommands(Connection.prototype);

test('commands by node-redis have spans in a trace only, those of a transaction as well', async () => {
  const adapter = new Adapter({ isOpen: true, sendCommand() {} });
  for (let again = 0; again < 2; again += 1)
    expect(await new Connection(adapter).init()).toBe(adapter);
  expect(await adapter.runCommand('get', 7)).toEqual([true, ['get', 7]]);
  expect([adapter.multi().exec(), adapter.status, isLeftOut()]).toEqual([true, 'ready', false]);
  await trace.getTracer('app').startActiveSpan('request', async (request) => {
    expect(await adapter.runCommand('get')).toEqual([false, ['get']]);
    expect(adapter.multi().exec()).toBe(false);
    request.end();
  });
});

test('adapters of other clients are left alone', async () => {
  const { runCommand } = OtherAdapter.prototype;
  const adapter = new OtherAdapter();
  await new Connection(adapter).init();
  expect([adapter.runCommand(), adapter.runCommand === runCommand]).toEqual([false, true]);
});
