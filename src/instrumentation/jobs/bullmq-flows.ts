import { context, propagation, trace } from '@opentelemetry/api';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { enqueueJob } from './job-run.ts';

const NAME = 'bullmq';

type Method<This> = (this: This, ...args: unknown[]) => unknown;

interface FlowNode {
  readonly queueName?: string;
  readonly opts?: { readonly telemetry?: unknown };
}

/** Adds a tree of jobs at once. */
export interface FlowProducer {
  /** Set by the app. */
  readonly telemetry?: unknown;
  add?: Method<FlowProducer>;
  addBulk?: Method<FlowProducer>;
  /** Adds one job of a flow; called for each of them. */
  addNode?: Method<FlowProducer>;
}

/** Traces flows of BullMQ as jobs: a subsegment with the names of their queues, whose context goes with each job. */
export function traceFlows(prototype: FlowProducer): void {
  wrapMethods(prototype, {
    add: tracedAdd,
    addBulk: tracedAdd,
    addNode: (original) =>
      function addNode(this: FlowProducer, ...args): unknown {
        if (this.telemetry !== undefined) return original.apply(this, args);
        const [given, ...others] = args;
        const withSender = attempt(NAME, () => argumentWithSender(given as { node: FlowNode }));
        return original.call(this, withSender ?? given, ...others);
      },
  });
}

function tracedAdd(original: Method<FlowProducer>): Method<FlowProducer> {
  return function (this: FlowProducer, ...args): unknown {
    if (this.telemetry !== undefined) return original.apply(this, args);
    const queues = attempt(NAME, () =>
      [args[0] as FlowNode | readonly FlowNode[]].flat().map(({ queueName }) => queueName),
    );
    const queue = [...new Set(queues)].join(', ') || NAME;
    const job = { instrumentation: NAME, system: NAME, queue };
    return enqueueJob(job, () => original.apply(this, args));
  };
}

/** Returns a copy of the argument whose job has the current context, unless the app has set another. */
function argumentWithSender(given: { readonly node: FlowNode }): object | undefined {
  const active = context.active();
  const { node } = given;
  if (trace.getSpan(active) === undefined || node.opts?.telemetry !== undefined) return undefined;
  const carrier = {};
  propagation.inject(active, carrier);
  const telemetry = { metadata: JSON.stringify(carrier) };
  return { ...given, node: { ...node, opts: { ...node.opts, telemetry } } };
}
