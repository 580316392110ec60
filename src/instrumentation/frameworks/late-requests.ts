import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { type Context, context } from '@opentelemetry/api';
import { attempt } from '../wrap/guard.ts';

const require = createRequire(import.meta.url);

/** What identifies a request to the framework that handles it. */
export interface RequestLine {
  readonly method: unknown;
  readonly target: unknown;
}

/**
 * Returns the context of a request that a server had received when tracing started; it has the span of
 * the request. `undefined` if there is no such request.
 */
export type LateRequestContext = (line: RequestLine) => Context | undefined;

/** A socket of a server, with undocumented properties of Node.js. */
interface ServerSocket {
  readonly _httpMessage?: Partial<ServerResponse> | null;
}

interface ProcessInternals {
  _getActiveHandles?(): readonly ServerSocket[];
}

/**
 * Finds the requests that servers of this process are answering. Called when tracing starts: the http
 * instrumentation sees later requests only, also those of servers and connections that exist already.
 * Requests by HTTPS are not found: the handle of such a socket does not refer to it.
 *
 * A framework that calls `start()` with its first request, before it handles it, asks for the context.
 */
export function lateRequests(
  handles: readonly ServerSocket[] | undefined = activeHandles(),
): LateRequestContext {
  const found = (handles ?? []).flatMap(({ _httpMessage: message }) =>
    message?.req === undefined ? [] : [message as ServerResponse],
  );
  const contexts = new WeakMap<ServerResponse, Context>();
  let waiting = found.map((response) => new WeakRef(response));
  return ({ method, target }) => {
    waiting = waiting.filter((each) => each.deref()?.closed === false);
    const matching = waiting
      .map((each) => each.deref() as ServerResponse)
      .filter(({ req }) => req.method === method && req.url === target);
    const response = matching.find((each) => !contexts.has(each)) ?? matching[0];
    if (response === undefined) return undefined;
    const known = contexts.get(response) ?? attempt('http', () => startedContext(response));
    if (known !== undefined) contexts.set(response, known);
    return known;
  };
}

function activeHandles(): readonly ServerSocket[] | undefined {
  return (process as unknown as ProcessInternals)._getActiveHandles?.();
}

/** Starts the span of a request by the patch of the http instrumentation. */
function startedContext(response: ServerResponse): Context {
  const { Server } = require('node:http') as typeof import('node:http');
  let within = context.active();
  // The app has received the event already.
  const nobody = new EventEmitter().on('request', () => {
    within = context.active();
  });
  Reflect.apply(Server.prototype.emit, nobody, ['request', response.req, response]);
  return within;
}
