import { type Context, context, type Span } from '@opentelemetry/api';
import { xrayForm } from '../trace-id.ts';
import { headerContextOf } from './header-context.ts';
import { WRITTEN_TRACE_HEADER } from './header-name.ts';

/** Which responses carry the trace header: those to `Sampled=?`, all, or none. */
export type ResponseHeader = 'requested' | 'always' | 'never';

/**
 * Returns a `responseHook` for the HTTP instrumentation that reports the sampling decision to a
 * caller that sent `Sampled=?`.
 *
 * Affects server responses only, and only before their headers are sent.
 */
export function traceResponseHook(
  mode: ResponseHeader = 'requested',
): (span: Span, response: unknown, own?: Context) => void {
  return (span, response, own = context.active()) => {
    if (mode === 'never' || !canSetHeader(response) || response.headersSent === true) return;
    if (mode === 'requested' && headerContextOf(own)?.wantsDecision !== true) return;
    const { traceId, traceFlags } = span.spanContext();
    response.setHeader(WRITTEN_TRACE_HEADER, `Root=${xrayForm(traceId)};Sampled=${traceFlags & 1}`);
  };
}

interface SettableResponse {
  readonly headersSent?: boolean;
  setHeader(name: string, value: string): unknown;
}

function canSetHeader(response: unknown): response is SettableResponse {
  return (
    typeof response === 'object' &&
    response !== null &&
    typeof (response as { setHeader?: unknown }).setHeader === 'function'
  );
}
