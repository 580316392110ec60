import { EventEmitter } from 'node:events';
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base';
import { openSpansProcessor } from '../../src/lambda/index.ts';
import type { LambdaDeps } from '../../src/lambda/invocation.ts';
import { openLambdaPort } from '../../src/lambda/port.ts';
import type { TranslatableSpan } from '../../src/translator/span.ts';
import { startTracing, type Tracing } from './tracing.ts';

export const TRACE = '5759e988bd862e3fe1be46a994272793';
export const PARENT = '53995c3f42cd8ad8';
export const HEADER: string = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${PARENT};Sampled=1;Lineage=1:c001d00d:2`;

/** Returns a header whose trace started with the tests, one per number below 16. */
export function headerNow(n: number): string {
  return `Root=1-${STARTED}-bd862e3fe1be46a99427279${n.toString(16)};Parent=${PARENT};Sampled=1`;
}
const STARTED = Math.floor(Date.now() / 1_000).toString(16);

export interface LambdaTracing extends Tracing {
  /** Calls of the exporter by the wrapper, with the names of the spans that ended before. */
  readonly flushes: string[];
  /** Emits `flush` when the wrapper flushes. */
  readonly events: EventEmitter;
  /** Spans sent as in progress. */
  readonly inProgress: TranslatableSpan[];
}

/** Sets up tracing like `register` in Lambda; spans are recorded instead of sent. */
export function startLambdaTracing(): LambdaTracing {
  const tracing = startTracing({
    sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    processors: [openSpansProcessor],
  });
  const flushes: string[] = [];
  const events = new EventEmitter();
  const inProgress: TranslatableSpan[] = [];
  openLambdaPort({
    flushSync: () => {
      flushes.push(`flush ${tracing.spans().map(({ name }) => name)}`);
      events.emit('flush');
    },
    sendInProgress: (spans) => {
      inProgress.push(...spans);
    },
  });
  return {
    ...tracing,
    flushes,
    events,
    inProgress,
    reset() {
      tracing.reset();
      flushes.length = 0;
      inProgress.length = 0;
    },
    async close() {
      openLambdaPort(undefined);
      await tracing.close();
    },
  };
}

/** Returns environment and global object of a Lambda function. */
export function lambdaDeps(parts: Partial<LambdaDeps> = {}): LambdaDeps {
  return {
    env: { AWS_LAMBDA_FUNCTION_NAME: 'checkout', _X_AMZN_TRACE_ID: HEADER },
    globals: {},
    takeColdStart: () => true,
    ...parts,
  };
}

/** Returns the context object that the runtime passes to a handler. */
export function lambdaContext(parts: Readonly<Record<string, unknown>> = {}): object {
  return {
    awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
    functionName: 'checkout',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:checkout',
    getRemainingTimeInMillis: () => 30_000,
    ...parts,
  };
}
