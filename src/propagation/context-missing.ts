import { diag } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.ts';

/** What the X-Ray SDKs do when there is no segment; here a missing parent starts a trace instead. */
export type ContextMissing = 'LOG_ERROR' | 'RUNTIME_ERROR' | 'IGNORE_ERROR';

const STRATEGIES: readonly ContextMissing[] = ['LOG_ERROR', 'RUNTIME_ERROR', 'IGNORE_ERROR'];

/**
 * Reads `AWS_XRAY_CONTEXT_MISSING`, in any case; unset or empty is `LOG_ERROR`. Another value is
 * said once and counts as unset. `RUNTIME_ERROR` is said to have no effect: a tracer does not throw.
 */
export function readContextMissing(value: string | undefined): ContextMissing {
  const wanted = value?.trim().toUpperCase() ?? '';
  const found = STRATEGIES.find((strategy) => strategy === wanted);
  if (found === 'RUNTIME_ERROR') {
    warnOnce('AWS_XRAY_CONTEXT_MISSING=RUNTIME_ERROR has no effect: a missing context is logged');
  } else if (found === undefined && wanted !== '') {
    const known = STRATEGIES.join(', ');
    warnOnce(`AWS_XRAY_CONTEXT_MISSING=${JSON.stringify(value)} is none of ${known}`);
  }
  return found ?? 'LOG_ERROR';
}

/** Says, once for each kind of place, that there was no trace to belong to. Never throws. */
export function contextMissingReporter(strategy: ContextMissing): (place: string) => void {
  const said = new Set<string>();
  return (place) => {
    if (strategy === 'IGNORE_ERROR' || said.has(place) || said.size >= 100) return;
    said.add(place);
    diag.debug(`otel-xray: ${place}: no trace is active here`);
  };
}
