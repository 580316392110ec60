import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-ioredis';
import { attempt, reportFailure } from '../wrap/guard.ts';
import { connectAttempt, failSpan, onRejection } from './failed-connects.ts';
import { PREPARING } from './ioredis-commands.ts';
import { commandAttributes, type RedisMessage, serverAttributes } from './redis-attributes.ts';

const NAME = 'ioredis';

type Method = (this: Client, ...args: unknown[]) => unknown;

/** A client of ioredis. */
interface Client {
  readonly status?: string;
  readonly retryAttempts?: number;
  readonly options?: { readonly host?: string; readonly port?: number };
}

/** Marks a command that was sent. In a WeakSet, it took the garbage collector longer than all else here. */
const SENT = Symbol('otel-xray.sent');

interface Command {
  [SENT]?: true;
  readonly name: string;
  readonly args: readonly string[];
  readonly inTransaction?: boolean;
  readonly pipelineIndex?: number;
  resolve(this: unknown, result: unknown): unknown;
  reject(this: unknown, error: unknown): unknown;
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
 * Upstream's instrumentation with four changes: a command that waits for the connection is recorded
 * once, although ioredis passes it to `sendCommand` twice; it ends once, although ioredis may reject it
 * twice, and also if it is rejected at once; commands with which the client prepares a connection have
 * no span; and a connection has a span only if it fails, unless connect spans are enabled.
 */
export const IORedisInstrumentation: typeof upstream.IORedisInstrumentation =
  upstream.IORedisInstrumentation;

const patches = upstream.IORedisInstrumentation.prototype as unknown as UpstreamPatches;
const { _traceConnection } = patches;

Object.assign(patches, {
  _traceSendCommand(original) {
    const { tracer } = this;
    const isTraced = (): boolean =>
      this.getConfig().requireParentSpan !== true || trace.getSpan(context.active()) !== undefined;
    return function (...args) {
      let span: Span | undefined;
      // Not `attempt`, which needs a closure for each command.
      try {
        const command = args[0] as Command;
        const isKnown = isOfClient(this, command) || isSentAgain(command);
        if (!isKnown && isTraced()) span = startCommand(tracer, this, command);
      } catch (error) {
        reportFailure(NAME, error);
      }
      if (span === undefined) return original.apply(this, args);
      try {
        return original.apply(this, args);
      } catch (error) {
        attempt(NAME, () => failSpan(span, error));
        throw error;
      }
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
      const attributes = (): Attributes => serverAttributes(serverOf(this));
      const watched = connectAttempt(NAME, tracer, 'connect', attributes);
      failedCommands.delete(this);
      return onRejection(original.apply(this, args), (error) => {
        // A command that waited for the connection shows the failure.
        if (!failedCommands.has(this)) watched.failed(error);
      });
    };
  },
} satisfies Partial<UpstreamPatches> & ThisType<UpstreamPatches>);

/** Until a client is ready, it sends only its own commands; those of the app wait. */
function isOfClient({ status }: Client, { name }: Command): boolean {
  return status === 'connect' && PREPARING.has(name);
}

/** Clients with a recorded command that failed since they began to connect. */
const failedCommands = new WeakSet<object>();

function isSentAgain(command: Command): boolean {
  if (command[SENT]) return true;
  command[SENT] = true;
  return false;
}

/** Starts the span of a command, which ends when ioredis resolves or rejects the command. */
function startCommand(tracer: Tracer, client: Client, command: Command): Span {
  const { name, args, resolve, reject } = command;
  const attributes = commandAttributes(serverOf(client), name, args, 0, operationName(command));
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
  if (!span.isRecording()) return span;
  command.resolve = function (result) {
    try {
      if (span.isRecording()) span.end();
    } catch (error) {
      reportFailure(NAME, error);
    }
    return resolve.call(this, result);
  };
  command.reject = function (error) {
    attempt(NAME, () => {
      failedCommands.add(client);
      failSpan(span, error);
    });
    return reject.call(this, error);
  };
  return span;
}

/** The commands of a transaction have an index as well. */
function operationName({ name, inTransaction, pipelineIndex }: Command): string {
  if (name === 'multi' || name === 'exec') return name;
  if (inTransaction) return `MULTI ${name}`;
  return pipelineIndex === undefined || pipelineIndex === null ? name : `PIPELINE ${name}`;
}

function serverOf({ options }: Client): RedisMessage {
  return { serverAddress: options?.host, serverPort: options?.port };
}
