import { types } from 'node:util';
import { type Attributes, context, type Tracer, trace } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-ioredis';
import { connectAttempt } from './failed-connects.ts';
import { attempt } from './guard.ts';
import { PREPARING } from './ioredis-commands.ts';

const NAME = 'ioredis';

type Method = (this: Client, ...args: unknown[]) => unknown;

/** A client of ioredis. */
interface Client {
  readonly status?: string;
  readonly retryAttempts?: number;
  readonly options?: { readonly host?: string; readonly port?: number };
}

interface Config {
  readonly requireParentSpan?: boolean;
  /** Whether successful connections have a span. */
  readonly connectSpans?: boolean;
}

/** Private members of upstream's class that are changed here. */
interface UpstreamPatches {
  readonly tracer: Tracer;
  getConfig(): Config;
  _traceSendCommand(original: Method, version?: string): Method;
  _traceConnection(original: Method): Method;
}

/**
 * Upstream's instrumentation with three changes: a command that waits for the connection is recorded
 * once, although ioredis passes it to `sendCommand` twice; commands with which the client prepares a
 * connection have no span; and a connection has a span only if it fails, unless connect spans are
 * enabled.
 */
export const IORedisInstrumentation: typeof upstream.IORedisInstrumentation =
  upstream.IORedisInstrumentation;

const patches = upstream.IORedisInstrumentation.prototype as unknown as UpstreamPatches;
const { _traceSendCommand, _traceConnection } = patches;

Object.assign(patches, {
  _traceSendCommand(original, version) {
    const traced = _traceSendCommand.call(this, original, version);
    return function (...args) {
      const isKnown = attempt(NAME, () => isOfClient(this, args[0]) || isSentAgain(args[0]));
      return (isKnown ? original : traced).apply(this, args);
    };
  },
  _traceConnection(original) {
    const { connectSpans, requireParentSpan } = this.getConfig();
    const { tracer } = this;
    if (connectSpans) return _traceConnection.call(this, original);
    return function (...args) {
      const isTraced = requireParentSpan !== true || trace.getSpan(context.active()) !== undefined;
      // A client that reconnects does so in the context of its first attempt.
      if (!isTraced || (this.retryAttempts ?? 0) > 0) return original.apply(this, args);
      const attributes = (): Attributes => connectAttributes(this);
      const watched = connectAttempt(NAME, tracer, 'connect', attributes);
      const result = original.apply(this, args);
      if (!types.isPromise(result)) return result;
      return result.catch((error: unknown) => {
        watched.failed(error);
        throw error;
      });
    };
  },
} satisfies Partial<UpstreamPatches> & ThisType<UpstreamPatches>);

/** Until a client is ready, it sends only its own commands; those of the app wait. */
function isOfClient({ status }: Client, command: unknown): boolean {
  return status === 'connect' && PREPARING.has((command as { readonly name?: unknown }).name);
}

const sent = new WeakSet<object>();

function isSentAgain(command: unknown): boolean {
  if (typeof command !== 'object' || command === null) return false;
  if (sent.has(command)) return true;
  sent.add(command);
  return false;
}

function connectAttributes({ options }: Client): Attributes {
  return {
    'db.system.name': 'redis',
    'server.address': options?.host,
    'server.port': options?.port,
  };
}
