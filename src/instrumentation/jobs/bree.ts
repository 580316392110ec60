import type { Worker } from 'node:worker_threads';
import { propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';
import { startJob } from './job-run.ts';
import { THREAD_CARRIER } from './thread-context.ts';

const NAME = 'bree';

interface Bree {
  createWorker?: (this: Bree, ...args: unknown[]) => Worker;
}

/**
 * Traces jobs of Bree (7 and later): `bree` and the name of the job. A job is a worker thread; what it
 * calls hangs below its segment.
 */
export class BreeInstrumentation {
  readonly #hook: Hook = new Hook([NAME], {}, (exports) => {
    const { prototype } = exports as { readonly prototype?: Bree };
    if (prototype !== undefined) wrapMethods(prototype, { createWorker: traced });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traced(original: NonNullable<Bree['createWorker']>): NonNullable<Bree['createWorker']> {
  return function createWorker(this: Bree, ...args): Worker {
    const options = args[1] as {
      readonly workerData?: { readonly job?: { readonly name?: unknown } };
    };
    const name = `${NAME} ${String(options?.workerData?.job?.name ?? args[0])}`;
    const span = attempt(NAME, () => startJob({ instrumentation: NAME, name }));
    if (span === undefined) return original.apply(this, args);
    const { setEnvironmentData } = process.getBuiltinModule('node:worker_threads');
    const carrier: Record<string, string> = {};
    attempt(NAME, () => {
      propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
      setEnvironmentData(THREAD_CARRIER, carrier);
    });
    try {
      const worker = original.apply(this, args);
      attempt(NAME, () => endWith(worker, span));
      return worker;
    } finally {
      // Only this thread inherits it.
      setEnvironmentData(THREAD_CARRIER, undefined);
    }
  };
}

/** Ends the span when the job is done, has failed, or its thread has ended. */
function endWith(worker: Worker, span: Span): void {
  let hasFailed = false;
  worker.on('message', (message: unknown) => {
    if (message === 'done') span.end();
  });
  worker.on('error', (error) => {
    hasFailed = true;
    recordError(span, error);
  });
  worker.on('exit', (code) => {
    if (code !== 0 && !hasFailed) recordError(span, new Error(`exit code ${code}`));
    span.end();
  });
}
