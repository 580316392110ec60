import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parseTraceHeader, TRACE_HEADER, withTraceHeader } from '../propagation/index.ts';

/**
 * Span contexts that Lambda provided as parents of invocations. The SDK keeps these objects.
 *
 * A property of the global object, because `otel-xray/lambda` may be bundled into the function while
 * `register` is not.
 */
const KEY = Symbol.for('otel-xray.lambda.parents.v1');
const holder = globalThis as { [KEY]?: WeakSet<object> };
holder[KEY] ??= new WeakSet();
const invocationParents: WeakSet<object> = holder[KEY];

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
    if (parent !== undefined) invocationParents.add(parent);
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
  return invocationParents.has(parent);
}
