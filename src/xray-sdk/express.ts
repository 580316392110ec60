import type { IncomingMessage, ServerResponse } from 'node:http';
import { context } from '@opentelemetry/api';
import { runInSlot } from './active-segment.ts';
import { isAutomaticMode, resolveSegment } from './context.ts';
import type { Segment, SegmentLike } from './entities.ts';
import { setDefaultName, traceRequestResponseCycle } from './middleware.ts';

/** A request of Express; in manual mode with its segment. */
interface Request extends IncomingMessage {
  segment?: SegmentLike;
}

type Next = (error?: unknown) => void;

export type RequestHandler = (request: Request, response: ServerResponse, next: Next) => void;
export type ErrorRequestHandler = (
  error: unknown,
  request: Request,
  response: ServerResponse,
  next: Next,
) => void;

/**
 * Returns the middleware that names the segment of each request. Use it before the routes.
 *
 * @throws {Error} if the name is not a string
 */
export function openSegment(defaultName: string): RequestHandler {
  if (!defaultName || typeof defaultName !== 'string') {
    throw new Error('Default segment name was not supplied.  Please provide a string.');
  }
  setDefaultName(defaultName);
  return (request, response, next) => {
    const segment: Segment = traceRequestResponseCycle(request, response);
    if (!isAutomaticMode()) {
      request.segment = segment;
      next?.();
      return;
    }
    runInSlot(() => {
      context.bind(context.active(), request);
      context.bind(context.active(), response);
      next?.();
    }, segment);
  };
}

/** Returns the error handler that records the error on the segment. Use it after the routes. */
export function closeSegment(): ErrorRequestHandler {
  return (error, request, _response, next) => {
    const segment = resolveSegment(request.segment);
    if (segment !== undefined && error) segment.addError(error as Error);
    next?.(error);
  };
}
