import { context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api';
import { recordError } from '../../../api/errors.ts';
import { enqueueJob } from '../../jobs/job-run.ts';
import { Hook } from '../../loading/hooks.ts';
import { replyListeners } from '../../messaging/mqtt-replies.ts';
import { attempt } from '../../wrap/guard.ts';
import { wrapMethods, wrapMethodsOnce } from '../../wrap/wrap-class.ts';
import {
  type Handler,
  type Incoming,
  recordHandlerError,
  tracedHandler,
  withIncoming,
} from './handlers.ts';
import { patternName } from './patterns.ts';

const NAME = 'nest-microservices';

interface Packet {
  readonly pattern?: unknown;
  readonly metadata?: unknown;
}

type Reply = { readonly err?: unknown; readonly isDisposed?: boolean };
type OnReply = (reply: Reply) => unknown;

interface Client {
  publish?(packet: Packet, onReply: OnReply): () => void;
  dispatchEvent?(packet: Packet): unknown;
  /** Only of the client for MQTT. */
  createResponseCallback?(): object;
}

interface Server {
  getHandlerByPattern?(pattern: unknown): Handler | null;
  handleMessage?(...args: unknown[]): unknown;
  /** Only of the server for Redis. */
  parseMessage?(content: unknown): unknown;
}

interface ExceptionsHandler {
  handle?(error: unknown, ...args: unknown[]): unknown;
}

interface RpcProxy {
  create?(method: unknown, handler: ExceptionsHandler, ...others: unknown[]): unknown;
}

interface Microservice {
  readonly microservicesModule?: {
    readonly listenersController?: { readonly contextCreator?: { readonly rpcProxy?: RpcProxy } };
  };
  registerListeners?(...args: unknown[]): unknown;
}

interface Class<Instance> {
  readonly prototype: Instance;
}

interface Exports {
  readonly Server?: Class<Server>;
  readonly ServerTCP?: Class<Server>;
  readonly ServerRedis?: Class<Server>;
  readonly ServerMqtt?: Class<Server>;
  readonly ClientTCP?: Class<Client>;
  readonly ClientRedis?: Class<Client>;
  readonly ClientKafka?: Class<Client>;
  readonly ClientMqtt?: Class<Client>;
  readonly ClientNats?: Class<Client>;
  readonly ClientRMQ?: Class<Client>;
  readonly NestMicroservice?: Class<Microservice>;
}

/**
 * Traces the messages of `@nestjs/microservices` (8 and later): the handler of each message, and over
 * TCP and Redis also the sender, whose trace goes with the message as `metadata` of the packet. The
 * libraries of the other transports have instrumentations of their own.
 */
export class NestMicroservicesInstrumentation {
  readonly #hook: Hook = new Hook(['@nestjs/microservices'], {}, (exports) => {
    const all = exports as Exports;
    const { ServerTCP, ServerRedis, ClientTCP, ClientRedis, NestMicroservice } = all;
    for (const one of [all.Server, all.ServerMqtt]) {
      // The server for MQTT has a method of its own, which knows wildcards.
      if (one !== undefined && Object.hasOwn(one.prototype, 'getHandlerByPattern'))
        wrapMethods(one.prototype, { getHandlerByPattern: findingHandler });
    }
    if (ServerTCP !== undefined) wrapMethods(ServerTCP.prototype, { handleMessage: receivingTcp });
    if (ServerRedis !== undefined) wrapMethods(ServerRedis.prototype, receivingRedis());
    for (const one of [ClientTCP, ClientRedis]) {
      if (one !== undefined) {
        wrapMethods(one.prototype, { publish: requesting, dispatchEvent: emitting });
      }
    }
    for (const one of [all.ClientKafka, all.ClientMqtt, all.ClientNats, all.ClientRMQ]) {
      if (one !== undefined) wrapMethods(one.prototype, { publish: bindingReplies });
    }
    if (all.ClientMqtt !== undefined) {
      wrapMethods(all.ClientMqtt.prototype, { createResponseCallback: receivingReplies });
    }
    if (NestMicroservice !== undefined) {
      wrapMethods(NestMicroservice.prototype, {
        registerListeners: (original) =>
          function registerListeners(this: Microservice, ...args): unknown {
            attempt(NAME, () => watchErrors(this));
            return original.apply(this, args);
          },
      });
    }
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

type Find = NonNullable<Server['getHandlerByPattern']>;
type Receive = NonNullable<Server['handleMessage']>;

function findingHandler(original: Find): Find {
  return function getHandlerByPattern(this: Server, pattern): Handler | null {
    const handler = original.call(this, pattern);
    return typeof handler === 'function' ? tracedHandler(handler, pattern) : handler;
  };
}

function receivingTcp(original: Receive): Receive {
  return function handleMessage(this: Server, ...args): unknown {
    return withIncoming((incoming) => {
      incoming.carrier = attempt(NAME, () => (Object(args[1]) as Packet).metadata);
      return original.apply(this, args);
    });
  };
}

/** The content of a message is parsed while its handling begins, so nothing else can come between. */
function receivingRedis(): Parameters<typeof wrapMethods<Server>>[1] {
  let receiving: Incoming | undefined;
  return {
    handleMessage: (original) =>
      function handleMessage(this: Server, ...args): unknown {
        return withIncoming((incoming) => {
          receiving = incoming;
          try {
            return original.apply(this, args);
          } finally {
            receiving = undefined;
          }
        });
      },
    parseMessage: (original) =>
      function parseMessage(this: Server, content): unknown {
        const message = original.call(this, content);
        if (receiving !== undefined) receiving.carrier = (Object(message) as Packet).metadata;
        return message;
      },
  };
}

/** Nest turns the errors of handlers into replies. */
function watchErrors({ microservicesModule }: Microservice): void {
  const proxy = microservicesModule?.listenersController?.contextCreator?.rpcProxy;
  if (proxy === undefined) return;
  wrapMethodsOnce(Object.getPrototypeOf(proxy) as RpcProxy, {
    create: (original) =>
      function create(this: RpcProxy, method, handler, ...others): unknown {
        attempt(NAME, () => watchHandler(Object.getPrototypeOf(handler) as ExceptionsHandler));
        return original.call(this, method, handler, ...others);
      },
  });
}

function watchHandler(prototype: ExceptionsHandler): void {
  wrapMethodsOnce(prototype, {
    handle: (original) =>
      function handle(this: ExceptionsHandler, error, ...args): unknown {
        recordHandlerError(error);
        return original.call(this, error, ...args);
      },
  });
}

function requesting(original: Publish): Publish {
  return function publish(this: Client, packet, onReply): () => void {
    const active = context.active();
    const span = attempt(NAME, () => startRequest(packet));
    if (span === undefined) return original.call(this, packet, onReply);
    const sender = trace.setSpan(active, span);
    const end = (): void => void attempt(NAME, () => span.isRecording() && span.end());
    const replied: OnReply = (reply) => {
      if (reply?.err) attempt(NAME, () => recordError(span, reply.err));
      if (reply?.err || reply?.isDisposed) end();
      return context.with(active, () => onReply(reply));
    };
    const sent = attempt(NAME, () => withTrace(packet, sender)) ?? packet;
    const cancel = context.with(sender, () => original.call(this, sent, replied));
    return () => {
      end();
      cancel();
    };
  };
}

type Publish = NonNullable<Client['publish']>;

/** The library of the transport traces the request; what the app does with a reply belongs to the caller. */
function bindingReplies(original: Publish): Publish {
  return function publish(this: Client, packet, onReply): () => void {
    const bound = typeof onReply === 'function' ? context.bind(context.active(), onReply) : onReply;
    return original.call(this, packet, bound);
  };
}

function receivingReplies(original: () => object): () => object {
  return function createResponseCallback(this: Client): object {
    const listener = original.call(this);
    replyListeners.add(listener);
    return listener;
  };
}

function emitting(
  original: NonNullable<Client['dispatchEvent']>,
): NonNullable<Client['dispatchEvent']> {
  return function dispatchEvent(this: Client, packet): unknown {
    const queue = attempt(NAME, () => patternName(packet.pattern)) ?? 'event';
    return enqueueJob({ instrumentation: NAME, system: 'nestjs', queue }, (span, sender) => {
      const sent = span && attempt(NAME, () => withTrace(packet, sender));
      return original.call(this, sent ?? packet);
    });
  };
}

/** @returns `undefined` outside a trace */
function startRequest({ pattern }: Packet): Span | undefined {
  if (trace.getActiveSpan() === undefined) return undefined;
  const name = patternName(pattern);
  return trace.getTracer(`otel-xray/${NAME}`).startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: { 'rpc.system': 'nestjs', 'rpc.method': name, 'service.peer.name': name },
  });
}

/** Returns a copy of a packet with the trace in its `metadata`, which the app may use as well. */
function withTrace(packet: Packet, sender: ReturnType<typeof context.active>): Packet {
  const carrier: Record<string, string> = {};
  propagation.inject(sender, carrier);
  return { ...packet, metadata: { ...carrier, ...Object(packet.metadata) } };
}
