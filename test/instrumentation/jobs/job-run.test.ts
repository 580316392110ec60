import { trace } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { markTraced, runJob, tracedJob } from '../../../src/instrumentation/jobs/job-run.ts';
import { run } from '../../support/run.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const JOB = { instrumentation: 'test', name: 'emails welcome' };

test('a job starts a new trace that is linked to its sender, even inside another trace', () => {
  const tracer = trace.getTracer('app');
  tracer.startActiveSpan('request', (request) => {
    const links = [{ context: request.spanContext() }];
    const result = runJob({ ...JOB, links }, (span) => {
      expect(trace.getActiveSpan()).toBe(span);
      tracer.startSpan('inside').end();
      return 7;
    });
    expect(result).toBe(7);
    request.end();
  });
  const job = tracing.span('emails welcome');
  expect(job.parentSpanContext).toBeUndefined();
  expect(job.attributes).toEqual({ 'aws.local.service': 'emails welcome' });
  expect(job.links.map(({ context: { spanId } }) => spanId)).toEqual([
    tracing.span('request').spanContext().spanId,
  ]);
  expect(tracing.span('inside').parentSpanContext?.spanId).toBe(job.spanContext().spanId);
});

const ERROR = new RangeError('no carts');

test.each([
  ['rejects', () => runJob(JOB, () => Promise.reject(ERROR))],
  [
    'throws',
    async () =>
      runJob(JOB, () => {
        throw ERROR;
      }),
  ],
])('a job that %s is recorded, and the error is passed on', async (_how, run) => {
  await expect(run()).rejects.toBe(ERROR);
  const { events, status } = tracing.span('emails welcome');
  expect(status.message).toBe('no carts');
  expect(events.map((event) => event.attributes?.['exception.type'])).toEqual(['RangeError']);
});

test('a traced function keeps its name, its parameters, its receiver and its arguments', () => {
  const app = {
    sweep(this: unknown, ...args: unknown[]) {
      return [this, ...args];
    },
  };
  const run = tracedJob('test', 'cron sweep', app.sweep);
  expect([run.name, run.length]).toEqual([app.sweep.name, app.sweep.length]);
  expect(run.call(app, 1, 2)).toEqual([app, 1, 2]);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['cron sweep']);
});

test('a function that two libraries wrap creates one trace for each run', () => {
  const run = tracedJob('test', 'schedule sweep', () => 7);
  expect(tracedJob('cron', 'cron sweep', run)).toBe(run);
  const caller = (): unknown => run();
  markTraced(caller);
  expect(tracedJob('cron', 'cron sweep', caller)()).toBe(7);
  expect(tracing.spans().map(({ name }) => name)).toEqual(['schedule sweep']);
});

test('a job whose name cannot be found runs without a trace', () => {
  const run = tracedJob(
    'test',
    () => {
      throw new TypeError('no name');
    },
    (...args) => args,
  );
  expect(run(1)).toEqual([1]);
  expect(tracing.spans()).toEqual([]);
});

test('a promise with additional members is returned itself', () => {
  const promise = Object.assign(Promise.resolve(1), { cancel() {} });
  expect(runJob(JOB, () => promise)).toBe(promise);
});

test('a rejection that the app does not handle stays unhandled', async () => {
  const file = new URL('../../../src/instrumentation/jobs/job-run.ts', import.meta.url);
  const program = `
    const { enqueueJob } = await import(${JSON.stringify(file.href)});
    const job = { instrumentation: 'test', system: 'test', queue: 'emails' };
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
    enqueueJob(job, () => Promise.reject(new Error('no server')));
    enqueueJob(job, () => Promise.reject(new Error('handled'))).catch(() => {});
  `;
  const { stdout } = await run(['--input-type=module', '-e', program]);
  expect(stdout).toBe('unhandled no server\n');
});
