import { types } from 'node:util';
import {
  type Context,
  context,
  type Link,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed, suppressTracing } from '@opentelemetry/core';
import { type HeldSpan, holdEnd } from './held-span.ts';
import { type JobRun, runJob } from './job-run.ts';

/** Jobs whose sender is remembered; older ones run without a link. */
const MAX_JOBS = 1000;

/** Remembers which span enqueued a job, for libraries that store nothing but the data of the app. */
export interface JobSenders {
  /**
   * Remembers the sender of jobs when the call that stores them has returned their ids.
   *
   * @param idOf the id or a list of ids, from the result of the call; anything with a text form
   */
  remember(stored: unknown, sender: Context, idOf: (result: unknown) => unknown): void;
  /** Returns links to the senders of jobs; none if another process enqueued them. */
  linksOf(...jobs: readonly unknown[]): readonly Link[];
  /**
   * Links a job that runs already, although the call that stores it has not returned. A job that is faster
   * ends when the call has returned, with the time at which it ended.
   */
  linkLater(span: Span, ...jobs: readonly unknown[]): void;
}

/** Returns a memory for one library. A job that is retried keeps its sender. */
export function jobSenders(): JobSenders {
  const senders = new Map<string, SpanContext>();
  const running = new Map<string, HeldSpan>();
  let beingStored = 0;
  const know = (id: unknown, sender: SpanContext): void => {
    if (id === undefined || id === null) return;
    senders.set(String(id), sender);
    running.get(String(id))?.addLink({ context: sender });
    running.delete(String(id));
    if (senders.size <= MAX_JOBS) return;
    const [oldest] = senders.keys();
    senders.delete(oldest as string);
  };
  return {
    remember(stored, sender, idOf) {
      const span = trace.getSpanContext(sender);
      if (span === undefined || !types.isPromise(stored)) return;
      beingStored += 1;
      const end = (): void => {
        beingStored -= 1;
        if (beingStored > 0) return;
        for (const held of running.values()) held.release();
        running.clear();
      };
      stored.then((result) => {
        for (const id of [idOf(result)].flat()) know(id, span);
        end();
      }, end);
    },
    linksOf: (...jobs) =>
      jobs.flatMap((job) => {
        const sender = senders.get(String(job));
        return sender === undefined ? [] : [{ context: sender }];
      }),
    linkLater(span, ...jobs) {
      const unknown = beingStored === 0 ? [] : jobs.map(String).filter((job) => !senders.has(job));
      if (unknown.length === 0) return;
      const held = holdEnd(span, unknown.length);
      for (const job of unknown) running.set(job, held);
    },
  };
}

/**
 * Runs a job, or a batch of them, as {@link runJob} does, linked to its senders.
 *
 * @param jobs ids
 */
export function runLinkedJob<T>(
  senders: JobSenders,
  { jobs, ...job }: JobRun & { readonly jobs: readonly unknown[] },
  run: (span: Span | undefined) => T,
): T {
  return runJob({ ...job, links: senders.linksOf(...jobs) }, (span) => {
    if (span !== undefined) senders.linkLater(span, ...jobs);
    return run(span);
  });
}

/**
 * Runs code of a library that looks for work, such as queries that poll a table, without spans. Jobs
 * that it starts are traced, because `runJob` leaves this context.
 */
export function untracedPolling<T>(run: () => T): T {
  return context.with(suppressTracing(context.active()), run);
}

/**
 * Runs code as {@link untracedPolling} does, but keeps the spans of a call that belongs to a trace.
 */
export function untracedOutside<T>(run: () => T): T {
  return trace.getSpan(context.active()) === undefined ? untracedPolling(run) : run();
}

/** Returns whether the running code belongs to a trace. */
export function isInTrace(): boolean {
  const active = context.active();
  return trace.getSpan(active) !== undefined && !isTracingSuppressed(active);
}
