import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';

/** Reads the value of an `X-Amzn-Trace-Id` header into a context; leaves it as it is when invalid. */
export type ExtractHeader = (context: Context, header: string) => Context;

const HEADER = 'x-amzn-trace-id';
/** Parents that Lambda named for an invocation, by identity: the SDK hands the object on. */
const invocationParents = new WeakSet<object>();

/**
 * The context an invocation runs in.
 *
 * Baggage and W3C state come from the headers of the request, whatever `OTEL_PROPAGATORS` says of
 * X-Ray; the parent is what Lambda says, because below that Lambda's own segment lies. Only
 * without a header of the invocation, the request's own X-Ray header counts.
 *
 * @param header of the invocation
 * @param headers of the request, names in lower case
 */
export function invocationContext(
  header: string | undefined,
  headers: Readonly<Record<string, string>>,
  extract: ExtractHeader,
): Context {
  const { [HEADER]: requestHeader, ...others } = headers;
  const upstream =
    Object.keys(others).length === 0 ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, others);
  if (header !== undefined) {
    const bare = trace.deleteSpan(upstream);
    const context = extract(bare, header);
    const parent = trace.getSpanContext(context);
    if (parent !== undefined) {
      invocationParents.add(parent);
      return context;
    }
  }
  return requestHeader === undefined ? upstream : extract(upstream, requestHeader);
}

/** Whether Lambda named this parent for an invocation: below it lies the function's own segment. */
export function isInvocationParent(parent: object): boolean {
  return invocationParents.has(parent);
}
