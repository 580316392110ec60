import { types } from 'node:util';
import { FastifyOtelInstrumentation as UpstreamInstrumentation } from '@fastify/otel';
import { trace } from '@opentelemetry/api';
import { recordHandledError } from '../../api/errors.ts';
import { foldingProvider } from '../spans/folding.ts';
import { endWithResponse } from '../spans/handler-spans.ts';
import { recordOnce } from '../spans/request-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { type FastifyServer, promised, traceHandlers } from './fastify-handlers.ts';

const NAME = 'fastify';

interface Route {
  handler?: unknown;
}

type Plugin = (server: FastifyServer, options: unknown, done: () => void) => void;

interface Config {
  readonly middlewareSpans?: boolean;
}

/** The part of upstream's class that is used here. */
interface UpstreamClass {
  plugin(): Plugin;
  getConfig(): Config;
  isEnabled(): boolean;
}

const Upstream: new (config?: object) => UpstreamClass = UpstreamInstrumentation as never;

/**
 * Traces the handlers of Fastify. Where each hook has a span as well, upstream creates the spans; a handler that
 * returns before it has sent its reply ends with the response, and has the error that it returns or passes to
 * `reply.send` as one that it throws.
 */
export class FastifyOtelInstrumentation extends Upstream {
  override plugin(): Plugin {
    const plugin = super.plugin();
    // Upstream reads the variable.
    const isUpstream = this.getConfig().middlewareSpans || process.env['OTEL_FASTIFY_IGNORE_PATHS'];
    const tracer = foldingProvider(() => 'keep').getTracer(`otel-xray/${NAME}`);
    const options = { tracer, isEnabled: () => this.isEnabled() };
    const tracing: Plugin = (server, settings, done) => {
      if (isUpstream) {
        attempt(NAME, () => server.addHook('onRoute', watchHandler));
        plugin(server, settings, done);
      } else {
        attempt(NAME, () => traceHandlers(server, options));
        done();
      }
    };
    // Fastify reads what a plugin wants from its properties.
    return Object.defineProperties(tracing, Object.getOwnPropertyDescriptors(plugin));
  }
}

/** Runs before the hook of upstream, whose span is then active in the handler. */
function watchHandler(route: Route): void {
  const { handler } = route;
  if (typeof handler === 'function') route.handler = watched(handler as AnyFunction);
}

function watched(handler: AnyFunction): AnyFunction {
  return like(handler, function (this: unknown, ...args: unknown[]): unknown {
    const result = promised(handler.apply(this, args), args[1]);
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
