import {
  type Attributes,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { attributesOf } from '../../api/span-notes.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { type FlowProducer, traceFlows } from './bullmq-flows.ts';
import { leaveOutCommands, type RedisConnection } from './bullmq-redis.ts';
import { CHILD_FILE, type Child, joinTrace, sendTrace } from './bullmq-sandbox.ts';
import { enqueueJob, recordRejection, runJob } from './job-run.ts';

const NAME = 'bullmq';

/** The span that BullMQ passes to its own code. */
interface BullSpan {
  setSpanOnContext(context: unknown): unknown;
  setAttribute(name: string, value: unknown): void;
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  recordException(error: unknown): void;
  end(): void;
}

type Callback = (span?: BullSpan, metadata?: string) => unknown;

interface Queue {
  readonly name: string;
  readonly opts?: { readonly telemetry?: unknown };
  trace?: (
    kind: number,
    operation: string,
    destination: string,
    callback: Callback,
    source?: string,
  ) => unknown;
}

interface Worker {
  /** Runs the function of the app. */
  callProcessJob?: (...args: unknown[]) => unknown;
}

interface Exports {
  readonly QueueBase?: { readonly prototype: Queue };
  readonly Worker?: { readonly prototype: Worker };
  readonly FlowProducer?: { readonly prototype: FlowProducer };
  readonly RedisConnection?: { readonly prototype: RedisConnection };
  readonly Child?: { readonly prototype: Child };
  readonly ChildCommand?: { readonly Start?: unknown };
}

/**
 * The operations that are recorded: enqueuing and running jobs. All others are internal to BullMQ.
 */
const ENQUEUING: ReadonlySet<string> = new Set(['add', 'addBulk']);

/**
 * Traces jobs of BullMQ (5.13 and later) by BullMQ's own `telemetry` interface. A `telemetry`
 * option set by the app takes precedence.
 */
export class BullMQInstrumentation {
  readonly #hook: Hook = new Hook([NAME, CHILD_FILE], {}, (exports, name) => {
    if (name === CHILD_FILE) {
      joinTrace(exports);
      return exports;
    }
    const { FlowProducer, RedisConnection, Child, ChildCommand } = exports as Exports;
    if (RedisConnection !== undefined) leaveOutCommands(RedisConnection.prototype);
    if (FlowProducer !== undefined) traceFlows(FlowProducer.prototype);
    const start = ChildCommand?.Start;
    if (Child !== undefined && start !== undefined) sendTrace(Child.prototype, start);
    const prototype = (exports as Exports).QueueBase?.prototype;
    if (typeof prototype?.trace === 'function') prototype.trace = tracedBy(prototype.trace);
    const worker = (exports as Exports).Worker?.prototype;
    if (typeof worker?.callProcessJob === 'function') {
      worker.callProcessJob = recordingErrors(worker.callProcessJob);
    }
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function tracedBy(original: NonNullable<Queue['trace']>): NonNullable<Queue['trace']> {
  return function (this: Queue, kind, operation, destination, callback, source): unknown {
    if (this.opts?.telemetry !== undefined) {
      return original.call(this, kind, operation, destination, callback, source);
    }
    if (operation === 'process') return processed(this.name, callback, source);
    if (ENQUEUING.has(operation)) return enqueued(this.name, callback);
    return original.call(this, kind, operation, destination, callback, source);
  };
}

/** Starts the trace of a job run, linked to the span that enqueued the job. */
function processed(queue: string, callback: Callback, source: string | undefined): unknown {
  const sender = attempt(NAME, () => senderOf(source));
  const attributes = { 'messaging.system': NAME, 'messaging.destination.name': queue };
  const links = sender === undefined ? [] : [{ context: sender }];
  return runJob({ instrumentation: NAME, name: queue, attributes, links }, (span) =>
    callback(span && bullSpan(span, queue)),
  );
}

/** BullMQ passes only the message of a job's error to the span. */
function recordingErrors(
  original: NonNullable<Worker['callProcessJob']>,
): NonNullable<Worker['callProcessJob']> {
  return function (this: unknown, ...args): unknown {
    const span = trace.getActiveSpan();
    const result = original.apply(this, args);
    if (span !== undefined) recordRejection(NAME, span, result);
    return result;
  };
}

/** Starts the subsegment of enqueuing jobs, whose context is stored with the job. */
function enqueued(queue: string, callback: Callback): unknown {
  return enqueueJob({ instrumentation: NAME, system: NAME, queue }, (span, sender) => {
    if (span === undefined) return callback();
    const carrier: Record<string, string> = {};
    attempt(NAME, () => propagation.inject(sender, carrier));
    return callback(bullSpan(span, queue), JSON.stringify(carrier));
  });
}

/** Returns the sender that is stored with a job. The content of Redis is not validated. */
function senderOf(metadata: string | undefined): SpanContext | undefined {
  if (metadata === undefined) return undefined;
  let carrier: unknown;
  try {
    carrier = JSON.parse(metadata);
  } catch {
    return undefined;
  }
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  return trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier));
}

/** Converts BullMQ's attributes of a job. */
function bullSpan(span: Span, queue: string): BullSpan {
  const set = (attributes: Attributes): void => {
    attempt(NAME, () => {
      span.setAttributes(attributes);
      const job = attributes['bullmq.job.name'];
      if (typeof job !== 'string' || job === '') return;
      const name = `${queue} ${job}`;
      if ('aws.local.service' in attributesOf(span)) {
        span.updateName(name).setAttribute('aws.local.service', name);
      }
    });
  };
  return {
    setSpanOnContext: (given) => given,
    setAttribute: (name, value) => set({ [name]: value as string }),
    setAttributes: set,
    addEvent: (name, attributes) => void attempt(NAME, () => span.addEvent(name, attributes)),
    recordException: (error) => void attempt(NAME, () => recordError(span, error)),
    end() {},
  };
}
