import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parseTraceHeader, TRACE_HEADER, withTraceHeader } from '../propagation/index.ts';

/**
 * Parents that Lambda named for an invocation, by identity: the SDK hands the object on.
 *
 * On the global object: `otel-xray/lambda` may be bundled into the function, `register` not.
 */
const KEY = Symbol.for('otel-xray.lambda.parents.v1');
const holder = globalThis as { [KEY]?: WeakSet<object> };
holder[KEY] ??= new WeakSet();
const invocationParents: WeakSet<object> = holder[KEY];

/**
 * The context an invocation runs in.
 *
 * Its parent is what Lambda says, whatever the request's own headers say, because below that lies
 * Lambda's own segment; baggage comes from the request. Only without a header of the invocation
 * (tracing is not set up), the request's headers name the parent.
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

/** Whether Lambda named this parent for an invocation: below it lies the function's own segment. */
export function isInvocationParent(parent: object): boolean {
  return invocationParents.has(parent);
}
