import { types } from 'node:util';
import {
  type Attributes,
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { named } from '../wrap/same-shape.ts';

/** One run of a background job. */
export interface JobRun {
  /** Name of the instrumentation that detected it. */
  readonly instrumentation: string;
  /** Name of the segment: the queue or scheduler, and the job. */
  readonly name: string;
  readonly attributes?: Attributes;
  /** The spans that enqueued the job. */
  readonly links?: readonly Link[];
}

type JobFunction = (this: unknown, ...args: unknown[]) => unknown;

const tracedJobs = new WeakSet<JobFunction>();

/** Jobs that a request enqueues. */
export interface EnqueuedJob {
  readonly instrumentation: string;
  /** Value of `messaging.system`. */
  readonly system: string;
  /** Name of the queue, and of the subsegment. */
  readonly queue: string;
}

/**
 * Runs a job as a new trace that is linked to the requests that enqueued the job. An error is
 * recorded and passed on unchanged.
 *
 * @param run the app's own function; called exactly once, whatever fails here
 */
export function runJob<T>(job: JobRun, run: (span: Span | undefined) => T): T {
  return runInSpan(job.instrumentation, () => startJob(job), run, { outer: ROOT_CONTEXT });
}

/**
 * Returns a function of the app each call of which is a job. A function that this has returned stays as
 * it is, so that a library that runs jobs by another one makes one trace of each run.
 *
 * @param name of the job, or how to find it when the job runs
 */
export function tracedJob(
  instrumentation: string,
  name: string | (() => string),
  job: JobFunction,
): JobFunction {
  if (tracedJobs.has(job)) return job;
  const run = function (this: unknown, ...args: unknown[]): unknown {
    const text = typeof name === 'string' ? name : attempt(instrumentation, name);
    if (text === undefined) return job.apply(this, args);
    return runJob({ instrumentation, name: text }, () => job.apply(this, args));
  };
  tracedJobs.add(run);
  // Schedulers recognize jobs with a callback by the number of parameters.
  return named(job, run);
}

/** Marks a function that runs a job which is traced already. */
export function markTraced(job: JobFunction): void {
  tracedJobs.add(job);
}

/**
 * Runs a function that enqueues jobs as a subsegment of the request. Outside a trace, such as at the
 * start of a process, the function runs without a span: there is nothing to link a job to.
 *
 * @param enqueue called exactly once, with the span and the context that goes with the job
 */
export function enqueueJob<T>(
  { instrumentation, system, queue }: EnqueuedJob,
  enqueue: (span: Span | undefined, sender: Context) => T,
): T {
  const start = (): Span | undefined => {
    if (trace.getActiveSpan() === undefined) return undefined;
    return trace.getTracer(`otel-xray/${instrumentation}`).startSpan(`${queue} add`, {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': system,
        'messaging.destination.name': queue,
        'service.peer.name': queue,
      },
    });
  };
  return runInSpan(instrumentation, start, (span) => enqueue(span, context.active()));
}

/**
 * Records the error of a promise that rejects; the promise itself stays as it is.
 *
 * @param errorOf the error of the app, where a library wraps it
 */
export function recordRejection(
  instrumentation: string,
  span: Span,
  result: unknown,
  errorOf: (error: unknown) => unknown = (error) => error,
): void {
  if (!types.isPromise(result)) return;
  result.then(undefined, (error: unknown) => {
    attempt(instrumentation, () => recordError(span, errorOf(error)));
  });
}

/** Starts the span of a job that {@link runJob} cannot run. */
export function startJob({ instrumentation, name, attributes, links = [] }: JobRun): Span {
  return trace.getTracer(`otel-xray/${instrumentation}`).startSpan(
    name,
    {
      kind: SpanKind.CONSUMER,
      root: true,
      links: [...links],
      attributes: { 'aws.local.service': name, ...attributes },
    },
    ROOT_CONTEXT,
  );
}
