import { type Span, trace } from '@opentelemetry/api';
import { addAnnotation } from '../../api/annotations.ts';
import { recordError } from '../../api/errors.ts';
import { HANDLER_STATUS } from '../../translator/context/handler-status.ts';
import { Hook } from '../loading/hooks.ts';
import { addJoinedAnnotation } from '../spans/joined-annotation.ts';
import { runInSpan } from '../spans/run-in-span.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethods } from '../wrap/wrap-class.ts';

const NAME = 'trpc';

/** What middleware of tRPC gets. */
interface Call {
  /** Name of the procedure, e.g. `user.get`. */
  readonly path: string;
  readonly type: string;
  next(): Promise<Result>;
}

interface Result {
  readonly ok: boolean;
  readonly error?: TrpcError;
}

interface TrpcError {
  readonly code: string;
  readonly cause?: unknown;
}

/** The object that an app creates its routers and procedures with. */
interface Created {
  readonly procedure: { use(middleware: (call: Call) => Promise<Result>): Created['procedure'] };
}

interface Builder {
  create(...args: unknown[]): Created;
}

/** Codes for which the server is at fault; for all others, it is the caller. */
const FAULTS: ReadonlySet<string> = new Set([
  'INTERNAL_SERVER_ERROR',
  'NOT_IMPLEMENTED',
  'BAD_GATEWAY',
  'SERVICE_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
]);

/**
 * Traces procedures of tRPC (10 and 11): a subsegment with the name of the procedure, which is also an
 * annotation of the segment, and the error that it throws.
 */
export class TrpcInstrumentation {
  readonly #hook: Hook = new Hook(['@trpc/server'], {}, (exports) => {
    const { initTRPC } = exports as { readonly initTRPC?: Builder };
    const prototype = initTRPC === undefined ? undefined : Object.getPrototypeOf(initTRPC);
    if (typeof prototype?.create !== 'function') return exports;
    wrapMethods(prototype as Builder, {
      create: (original) =>
        function create(this: unknown, ...args: unknown[]): Created {
          const created = original.apply(this, args);
          return attempt(NAME, () => traced(created)) ?? created;
        },
    });
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

function traced(created: Created): Created {
  return { ...created, procedure: created.procedure.use(runProcedure) };
}

function runProcedure(call: Call): Promise<Result> {
  return runInSpan(
    NAME,
    () => startSpan(call),
    (span) => (span === undefined ? call.next() : withRecordedFailure(span, call.next())),
  );
}

async function withRecordedFailure(span: Span, running: Promise<Result>): Promise<Result> {
  const result = await running;
  if (!result.ok) attempt(NAME, () => recordFailure(span, result.error));
  return result;
}

function startSpan({ path, type }: Call): Span {
  const span = trace.getTracer(`otel-xray/${NAME}`).startSpan(path);
  addJoinedAnnotation('trpc.procedure', path, span);
  addAnnotation('trpc.type', type, span);
  return span;
}

/** Any other error than those of tRPC is the cause of one. */
function recordFailure(span: Span, error: TrpcError | undefined): void {
  if (error === undefined) return;
  const isFault = FAULTS.has(error.code);
  const callerStatus = error.code === 'TOO_MANY_REQUESTS' ? 429 : 400;
  span.setAttribute(HANDLER_STATUS, isFault ? 500 : callerStatus);
  recordError(span, isFault && error.cause instanceof Error ? error.cause : error);
}
