import { types } from 'node:util';
import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../api/errors.ts';
import { attempt } from './guard.ts';

/** One run of a background job. */
export interface JobRun {
  /** Name of the instrumentation that detected it. */
  readonly instrumentation: string;
  /** Name of the segment: the queue or scheduler, and the job. */
  readonly name: string;
  readonly attributes?: Attributes;
  /** The span that enqueued the job. */
  readonly sender?: SpanContext | undefined;
}

/**
 * Runs a job as a new trace that is linked to the request that enqueued the job. An error is
 * recorded and passed on unchanged.
 *
 * @param run the app's own function; called exactly once, whatever fails here
 */
export function runJob<T>(job: JobRun, run: (span: Span | undefined) => T): T {
  const span = attempt(job.instrumentation, () => startJob(job));
  if (span === undefined) return run(undefined);
  const end = (error?: { readonly thrown: unknown }): void => {
    attempt(job.instrumentation, () => {
      if (error !== undefined) recordError(span, error.thrown);
      span.end();
    });
  };
  let result: T;
  try {
    result = context.with(trace.setSpan(ROOT_CONTEXT, span), () => run(span));
  } catch (error) {
    end({ thrown: error });
    throw error;
  }
  if (!types.isPromise(result)) {
    end();
    return result;
  }
  result.then(
    () => end(),
    (error: unknown) => end({ thrown: error }),
  );
  return result;
}

function startJob({ instrumentation, name, attributes, sender }: JobRun): Span {
  const links: Link[] = sender === undefined ? [] : [{ context: sender }];
  return trace.getTracer(`otel-xray/${instrumentation}`).startSpan(
    name,
    {
      kind: SpanKind.CONSUMER,
      root: true,
      links,
      attributes: { 'aws.local.service': name, ...attributes },
    },
    ROOT_CONTEXT,
  );
}
