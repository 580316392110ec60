import { context, type Span } from '@opentelemetry/api';
import { rootOf } from './header.ts';
import { headerContextOf } from './header-context.ts';

/** When a response carries the trace header: only when asked by `Sampled=?`, on every one, never. */
export type ResponseHeader = 'asked' | 'always' | 'never';

/**
 * A `responseHook` for the HTTP instrumentation that tells a caller what was decided: a load
 * balancer or gateway that sent `Sampled=?` waits for the answer.
 *
 * Outgoing responses only; it does nothing for the answers of others, and once headers are sent.
 */
export function traceResponseHook(
  mode: ResponseHeader = 'asked',
): (span: Span, response: unknown) => void {
  return (span, response) => {
    if (mode === 'never' || !canSetHeader(response) || response.headersSent === true) return;
    if (mode === 'asked' && headerContextOf(context.active())?.wantsDecision !== true) return;
    const { traceId, traceFlags } = span.spanContext();
    response.setHeader('X-Amzn-Trace-Id', `Root=${rootOf(traceId)};Sampled=${traceFlags & 1}`);
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
