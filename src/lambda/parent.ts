import {
  type Context,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { parseTraceHeader, TRACE_HEADER, withTraceHeader } from '../propagation/index.ts';

/**
 * Marks a span context that Lambda provided as the parent of an invocation. The SDK keeps the object.
 *
 * A registered symbol, because `otel-xray/lambda` may be bundled into the function while `register` is not.
 */
const IS_INVOCATION: unique symbol = Symbol.for('otel-xray.lambda.is-invocation.v1');

interface MarkedSpanContext extends SpanContext {
  [IS_INVOCATION]?: true;
}

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
    const parent: MarkedSpanContext | undefined = trace.getSpanContext(context);
    if (parent !== undefined) parent[IS_INVOCATION] = true;
    return context;
  }
  const ofRequest = parsed(requestHeader);
  return ofRequest === undefined ? upstream : withTraceHeader(upstream, ofRequest);
}

function parsed(header: string | undefined): ReturnType<typeof parseTraceHeader> {
  return header === undefined ? undefined : parseTraceHeader(header);
}

/** Returns whether Lambda provided this parent for an invocation. */
export function isInvocationParent(parent: object): boolean {
  return (parent as MarkedSpanContext)[IS_INVOCATION] === true;
}
