import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { constructedBy, wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';
import {
  isInTrace,
  jobSenders,
  runLinkedJob,
  untracedOutside,
  untracedPolling,
} from './job-senders.ts';
import { pgBossTelemetry } from './pg-boss-telemetry.ts';

const NAME = 'pg-boss';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Boss = Record<string, Method>;
type BossClass = new (...args: unknown[]) => Boss;

/** Look for work, or maintain the tables, until they are stopped. */
const POLLING = ['start', 'stop', 'work', 'offWork', 'supervise', 'maintain'];
/** Called by the app; at the start of a process, they make no traces. */
const CALLS = ['createQueue', 'updateQueue', 'schedule', 'unschedule', 'subscribe', 'fetch'];
/** Enqueue a job, of which they return the id. */
const SENDING = ['send', 'sendAfter', 'sendThrottled', 'sendDebounced'];

const senders = jobSenders();

/**
 * Traces jobs of pg-boss (10 to 12), by the name of their queue. A version with telemetry of its own
 * stores the trace with the job; for others, a job is linked to its request if the same process
 * enqueued it. An app that configures the telemetry keeps it.
 */
export class PgBossInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    // Version 12 is an ES module with a named export; earlier ones export the class itself.
    if (typeof exports === 'function') return traced(exports as BossClass);
    const named = exports as { PgBoss?: BossClass };
    if (typeof named.PgBoss === 'function') named.PgBoss = traced(named.PgBoss);
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traced(Original: BossClass): BossClass {
  const prototype = Original.prototype as Boss;
  wrapMethods(prototype, untracedMethods());
  return constructedBy(Original, (construct, args) =>
    untracedOutside(() => {
      const telemetry = attempt(NAME, () => pgBossTelemetry(args[0]));
      const boss = construct(telemetry === undefined ? args : [telemetry.config, ...args.slice(1)]);
      attempt(NAME, () => {
        // Version 10 and 11 copy their functions to each object.
        if (Object.hasOwn(boss, 'work')) wrapMethods(boss, untracedMethods());
        if (telemetry?.isUsed() === false) traceJobs(boss);
      });
      return boss;
    }),
  );
}

function untracedMethods(): Record<string, (original: Method) => Method> {
  const by =
    (around: (run: () => unknown) => unknown) =>
    (original: Method): Method =>
      function (this: unknown, ...args: unknown[]): unknown {
        return around(() => original.apply(this, args));
      };
  return Object.fromEntries([
    ...POLLING.map((name) => [name, by(untracedPolling)] as const),
    ...[...CALLS, ...SENDING, 'insert', 'publish'].map(
      (name) => [name, by(untracedOutside)] as const,
    ),
  ]);
}

/** Traces the jobs of a version without telemetry. */
function traceJobs(boss: Boss): void {
  wrapMethods(boss, {
    work: (original) =>
      function work(this: unknown, ...args: unknown[]): unknown {
        const [queue, ...rest] = args;
        const handled = rest.map((arg) =>
          typeof arg === 'function' ? tracedHandler(String(queue), arg as Method) : arg,
        );
        return original.call(this, queue, ...handled);
      },
    ...Object.fromEntries(SENDING.map((name) => [name, tracedSend])),
  });
}

function tracedHandler(queue: string, handler: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const jobs = Array.isArray(args[0]) ? args[0] : [];
    const ids = jobs.map((job: { readonly id?: unknown }) => job.id);
    const job = {
      instrumentation: NAME,
      name: queue,
      attributes: { 'messaging.system': NAME, 'messaging.destination.name': queue },
      jobs: ids,
    };
    return runLinkedJob(senders, job, () => handler.apply(this, args));
  };
}

function tracedSend(original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const [first] = args;
    // The name of the queue, or an object with it.
    const queue = typeof first === 'string' ? first : (first as { name?: unknown } | null)?.name;
    if (typeof queue !== 'string' || !isInTrace()) return original.apply(this, args);
    return enqueueJob({ instrumentation: NAME, system: NAME, queue }, (_span, sender) => {
      const sent = original.apply(this, args);
      senders.remember(sent, sender, (id) => id);
      return sent;
    });
  };
}
