import { context, type Span, type SpanOptions, trace } from '@opentelemetry/api';
import { attempt } from '../attempt.ts';
import { type AnnotationValue, addAnnotation, addMetadata, setUser } from './annotations.ts';
import { tracer } from './capture.ts';
import { contextMissing } from './context-missing.ts';
import { addError, type ErrorOptions, recordError } from './errors.ts';
import { taskStart } from './task-start.ts';

/**
 * A span that ends with the block in which it is declared, whether by return, break or throw.
 *
 * It is not the *active* span, because activating it synchronously would leak into the caller of an
 * async function. Use {@link OpenSpan.run} for work whose spans are children of this span. The helpers
 * are available as methods.
 */
export interface OpenSpan extends Disposable {
  /** The OpenTelemetry span; `undefined` if none could be started. */
  readonly span: Span | undefined;
  /** Runs `fn` with this span active; records and rethrows errors. Does not end the span. */
  run<T>(fn: () => T): T;
  addAnnotation(key: string, value: AnnotationValue): void;
  addMetadata(key: string, value: unknown, namespace?: string): void;
  addError(error: unknown, options?: ErrorOptions): void;
  setUser(id: string | number): void;
  /** Ends the span before the block ends. The second end is ignored. */
  end(): void;
}

/**
 * Starts a span for `using`: it ends with the block.
 *
 * If the block throws, the span ends too, but JavaScript does not provide the error. Use `work.run(…)`,
 * `work.addError(error)`, or {@link capture}, which records errors automatically.
 *
 * Outside a trace, the span starts a new trace, and the call site is handled according to
 * `AWS_XRAY_CONTEXT_MISSING`.
 *
 * @param name name of the subsegment
 * @param options span options: `kind`, `attributes`, `links`
 * @example
 * using work = openSpan('checkout')
 * work.addAnnotation('items', cart.length)
 * if (cart.length === 0) return            // ends here
 * await work.run(() => pay(cart))          // spans of pay() are children
 */
export function openSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const active = context.active();
  const inside = trace.getSpan(active) !== undefined;
  if (!inside) {
    contextMissing(
      openSpan,
      `openSpan(${JSON.stringify(name)}) outside a trace: a new trace starts`,
    );
  }
  const start = inside ? { parent: active, options } : taskStart(name, options, active);
  return openedSpan(
    attempt('starting a span', () => tracer().startSpan(name, start.options, start.parent)),
  );
}

function openedSpan(span: Span | undefined): OpenSpan {
  const end = (): void => {
    attempt('ending a span', () => span?.isRecording() && span.end());
  };
  /** Helpers without a span would use the active span, which is a different one. */
  const on = (work: (own: Span) => void): void => {
    if (span !== undefined) work(span);
  };
  return {
    span,
    end,
    [Symbol.dispose]: end,
    addAnnotation: (key, value) => on((own) => addAnnotation(key, value, own)),
    addMetadata: (key, value, namespace) => on((own) => addMetadata(key, value, namespace, own)),
    addError: (error, options) => on((own) => addError(error, options, own)),
    setUser: (id) => on((own) => setUser(id, own)),
    run: (fn) => (span === undefined ? fn() : runBelow(span, fn)),
  };
}

function runBelow<T>(span: Span, fn: () => T): T {
  const record = (error: unknown): never => {
    recordError(span, error);
    throw error;
  };
  try {
    const result = context.with(trace.setSpan(context.active(), span), fn);
    return result instanceof Promise ? (result.catch(record) as T) : result;
  } catch (error) {
    return record(error);
  }
}
