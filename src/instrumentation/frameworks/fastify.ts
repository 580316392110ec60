import { types } from 'node:util';
import { FastifyOtelInstrumentation as UpstreamInstrumentation } from '@fastify/otel';
import { trace } from '@opentelemetry/api';
import { recordHandledError } from '../../api/errors.ts';
import { endWithResponse } from '../spans/handler-spans.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';

const NAME = 'fastify';

interface Route {
  handler?: unknown;
}

interface Server {
  addHook(name: 'onRoute', hook: (route: Route) => void): unknown;
}

type Plugin = (server: Server, options: unknown, done: () => void) => void;

/** The part of upstream's class that is used here. */
interface UpstreamClass {
  plugin(): Plugin;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/**
 * Traces Fastify as upstream does. A handler that returns before it has sent its reply ends with the
 * response, and has the error that it returns or passes to `reply.send` as one that it throws.
 */
export class FastifyOtelInstrumentation extends Upstream {
  override plugin(): Plugin {
    const plugin = super.plugin();
    const watching: Plugin = (server, options, done) => {
      attempt(NAME, () => server.addHook('onRoute', watchHandler));
      plugin(server, options, done);
    };
    // Fastify reads what a plugin wants from its properties.
    return Object.defineProperties(watching, Object.getOwnPropertyDescriptors(plugin));
  }
}

/** Runs before the hook of upstream, whose span is then active in the handler. */
function watchHandler(route: Route): void {
  const { handler } = route;
  if (typeof handler === 'function') route.handler = watched(handler as AnyFunction);
}

function watched(handler: AnyFunction): AnyFunction {
  return like(handler, function (this: unknown, ...args: unknown[]): unknown {
    const result = handler.apply(this, args);
    attempt(NAME, () => observe(result, args[1]));
    return result;
  });
}

/** The handler of a WebSocket gets a request in place of a reply. */
interface Reply {
  readonly sent?: boolean;
}

function observe(result: unknown, reply: unknown): void {
  const span = trace.getActiveSpan();
  if (span === undefined || !span.isRecording()) return;
  const onResult = (value: unknown): void => {
    if (types.isNativeError(value)) recordOnce(span, value, recordHandledError);
  };
  // Upstream handles a rejection.
  if (types.isPromise(result)) result.then(onResult, () => {});
  else if (result === undefined && (Object(reply) as Reply).sent === false) endWithResponse(span);
  else onResult(result);
}
