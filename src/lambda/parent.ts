import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parseTraceHeader, TRACE_HEADER, withTraceHeader } from '../propagation/index.ts';
import { flagInvocationParent } from '../propagation/span-context-flags.ts';

/**
 * Returns the context in which an invocation runs.
 *
 * The parent is the one that Lambda provides, because the function's own segment is its child;
 * baggage comes from the request. Without a header of the invocation, the request's headers
 * determine the parent.
 *
 * @param header of the invocation
 * @param headers of the request, names in lower case
 */
export function invocationContext(
  header: string | undefined,
  headers: Readonly<Record<string, string>>,
): Context {
  const { [TRACE_HEADER]: requestHeader, ...others } = headers;
  const upstream =
    Object.keys(others).length === 0 ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, others);
  const ofInvocation = parsed(header);
  if (ofInvocation !== undefined) {
    const context = withTraceHeader(trace.deleteSpan(upstream), ofInvocation);
    const parent = trace.getSpanContext(context);
    if (parent !== undefined) flagInvocationParent(parent);
    return context;
  }
  const ofRequest = parsed(requestHeader);
  return ofRequest === undefined ? upstream : withTraceHeader(upstream, ofRequest);
}

function parsed(header: string | undefined): ReturnType<typeof parseTraceHeader> {
  return header === undefined ? undefined : parseTraceHeader(header);
}
