import { context, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { runJob } from '../../../src/instrumentation/jobs/job-run.ts';
import {
  type JobSenders,
  jobSenders,
  untracedOutside,
  untracedPolling,
} from '../../../src/instrumentation/jobs/job-senders.ts';
import { startTracing } from '../../support/tracing.ts';

const tracing = startTracing();
beforeEach(() => tracing.reset());
afterAll(() => tracing.close());

const tracer = trace.getTracer('app');

/** Ends a span and returns its context. */
function sender() {
  const span = tracer.startSpan('request');
  span.end();
  return { active: trace.setSpan(context.active(), span), id: span.spanContext().spanId };
}

/** Runs a job before the call that stores it has returned. */
function runEarly(senders: JobSenders): void {
  runJob({ instrumentation: 'test', name: 'job' }, (span) => {
    if (span !== undefined) senders.linkLater(span, 'job-1');
  });
}

/** Returns a call that stores a job, and what makes it return the id of the job. */
function storing() {
  let resolve = (_id: string): void => {};
  const stored = new Promise<string>((done) => {
    resolve = done;
  });
  return { stored, resolve };
}

test('a job is linked to the span that stored it, even when it is retried', async () => {
  const senders = jobSenders();
  const { active, id } = sender();
  const stored = Promise.resolve('job-1');
  senders.remember(stored, active, (result) => result);
  await stored;
  const linked = (): readonly string[] =>
    senders.linksOf('job-1', 'job-2').map(({ context: { spanId } }) => spanId);
  expect([linked(), linked()]).toEqual([[id], [id]]);
});

test('jobs that one call stores are linked to the same span', async () => {
  const senders = jobSenders();
  const { active, id } = sender();
  const stored = Promise.resolve([{ id: 'job-1' }, { id: 'job-2' }]);
  senders.remember(stored, active, (jobs) => (jobs as { id: string }[]).map((job) => job.id));
  await stored;
  const links = senders.linksOf('job-1', 'job-2');
  expect(links.map(({ context: { spanId } }) => spanId)).toEqual([id, id]);
});

test('a job that runs before the call returns that stores it gets its link later', async () => {
  const senders = jobSenders();
  const { active, id } = sender();
  const { stored, resolve } = storing();
  senders.remember(stored, active, (result) => result);
  await runJob({ instrumentation: 'test', name: 'job' }, async (span) => {
    if (span !== undefined) senders.linkLater(span, 'job-1');
    resolve('job-1');
    await stored;
  });
  expect(tracing.span('job').links.map(({ context: { spanId } }) => spanId)).toEqual([id]);
});

test('a call that fails, returns no id or has no trace is not remembered', async () => {
  const senders = jobSenders();
  const { active } = sender();
  const failed = Promise.reject(new Error('full'));
  senders.remember(failed, active, (result) => result);
  senders.remember(Promise.resolve(null), active, (result) => result);
  senders.remember(Promise.resolve('job-1'), context.active(), (result) => result);
  senders.remember('job-1', active, (result) => result);
  await expect(failed).rejects.toThrow('full');
  expect(senders.linksOf('null', 'undefined', 'job-1')).toEqual([]);
});

test('the oldest jobs are forgotten', async () => {
  const senders = jobSenders();
  const { active } = sender();
  const stored = Array.from({ length: 1001 }, (_, at) => Promise.resolve(at));
  for (const one of stored) senders.remember(one, active, (result) => result);
  await Promise.all(stored);
  expect([senders.linksOf(0).length, senders.linksOf(1).length]).toEqual([0, 1]);
});

test('polling has no spans; a job that it starts has', () => {
  untracedPolling(() => {
    tracer.startSpan('query').end();
    runJob({ instrumentation: 'test', name: 'job' }, () => tracer.startSpan('inside').end());
  });
  expect(tracing.spans().map(({ name }) => name)).toEqual(['inside', 'job']);
});

test('a call of the app has no spans outside a trace, and keeps them inside', () => {
  untracedOutside(() => tracer.startSpan('at start').end());
  tracer.startActiveSpan('request', (span) => {
    untracedOutside(() => tracer.startSpan('query').end());
    span.end();
  });
  expect(tracing.spans().map(({ name }) => name)).toEqual(['query', 'request']);
});

test('a job that ends before the call returns that stores it gets its link and keeps its end', async () => {
  const senders = jobSenders();
  const { active, id } = sender();
  const { stored, resolve } = storing();
  senders.remember(stored, active, (result) => result);
  runEarly(senders);
  const endedBefore = Date.now() + 1;
  resolve('job-1');
  await stored;
  const job = tracing.span('job');
  expect(job.links.map(({ context: { spanId } }) => spanId)).toEqual([id]);
  expect(hrTimeToMilliseconds(job.endTime)).toBeLessThanOrEqual(endedBefore);
});

test.for([
  { rule: 'the call stores another job', settle: async () => 'job-2' },
  { rule: 'the call fails', settle: () => Promise.reject(new Error('not stored')) },
])('a job ends without a link if $rule', async ({ settle }) => {
  const senders = jobSenders();
  const { active } = sender();
  const stored = settle();
  senders.remember(stored, active, (result) => result);
  runEarly(senders);
  await stored.catch(() => {});
  expect(tracing.span('job').links).toEqual([]);
});

test('a job ends after a tenth of a second if the call does not return', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const senders = jobSenders();
  senders.remember(new Promise(() => {}), sender().active, (result) => result);
  runEarly(senders);
  const names = (): readonly string[] => tracing.spans().map(({ name }) => name);
  expect(names()).not.toContain('job');
  vi.advanceTimersByTime(100);
  vi.useRealTimers();
  expect(names()).toContain('job');
});
