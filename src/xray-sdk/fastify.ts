import type { IncomingMessage, ServerResponse } from 'node:http';
import { enableAutomaticMode, enableManualMode } from './context.ts';
import type { Segment } from './entities.ts';
import { type Logger, setLogger } from './logger.ts';
import { setDefaultName, traceRequestResponseCycle } from './middleware.ts';

interface FastifyRequest {
  readonly raw: IncomingMessage;
  segment?: Segment | null;
}

interface FastifyReply {
  readonly raw: ServerResponse;
}

/** The part of a Fastify instance that the plugin uses. */
interface FastifyInstance {
  decorateRequest(name: string, value: null): unknown;
  addHook(name: string, hook: (...args: never[]) => Promise<void>): unknown;
}

/** Options of the plugin. Those that turn a capture on have no effect, because all calls are traced. */
export interface XRayFastifyPluginOptions {
  /** Name of the segments. */
  readonly segmentName?: string;
  readonly automaticMode?: boolean;
  readonly logger?: Logger;
  readonly captureAWS?: boolean;
  readonly captureHTTP?: boolean;
  readonly capturePromises?: boolean;
  readonly plugins?: readonly unknown[];
}

/** Names the segment of each request and records errors on it, as a Fastify plugin. */
export async function xRayFastifyPlugin(
  fastify: FastifyInstance,
  options: XRayFastifyPluginOptions,
): Promise<void> {
  setDefaultName(options.segmentName ?? 'XRayFastifyPlugin');
  if (options.logger !== undefined) setLogger(options.logger);
  if (options.automaticMode === true) enableAutomaticMode();
  if (options.automaticMode === false) enableManualMode();
  fastify.decorateRequest('segment', null);
  fastify.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    request.segment = traceRequestResponseCycle(request.raw, reply.raw);
  });
  fastify.addHook(
    'onError',
    async (request: FastifyRequest, _reply: FastifyReply, error: Error) => {
      request.segment?.addError(error);
    },
  );
}
// With this property, Fastify runs a plugin in the scope of its parent, so that the hooks apply there.
Object.assign(xRayFastifyPlugin, { [Symbol.for('skip-override')]: true });
