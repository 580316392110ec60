import type { Context, Span } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { endHandlers, recordResponseStatus } from './handler-spans.ts';

/** A request that a Lambda function was invoked with. */
export interface InvokedRequest {
  /** The context in which frameworks find the span of the request, as in a server. */
  readonly context: Context;
  /**
   * Ends the handlers that still run, and records the route that a framework has found.
   *
   * @param status of the response, if it has one
   */
  end(status: number | undefined): void;
}

/** A route of API Gateway that passes all paths on to a framework, such as `/{proxy+}`. */
const PASSED_ON = /\+\}$/;

/**
 * Lets the frameworks of a function treat its invocation as they treat the request of a server: adapters call them
 * with a request that `node:http` has not received, and some with a response that never closes.
 *
 * @param span that of the invocation
 * @param route that of the event
 */
export function invokedRequest(span: Span, route: unknown, active: Context): InvokedRequest {
  const metadata: RPCMetadata = { type: RPCType.HTTP, span };
  return {
    context: setRPCMetadata(active, metadata),
    end(status) {
      endHandlers(span);
      if (status !== undefined) recordResponseStatus(span, status);
      const isKnown = typeof route === 'string' && !PASSED_ON.test(route);
      if (metadata.route && !isKnown) span.setAttribute('http.route', metadata.route);
    },
  };
}
