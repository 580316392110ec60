import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { known } from './model-call.ts';
import { contentAttribute } from './model-content.ts';

const NAME = 'mcp';
const PACKAGE = '@modelcontextprotocol/sdk';

/** What apps import: files of version 1, for both kinds of modules, and packages of version 2. */
const ENTRIES = [
  ...['client/index.js', 'server/index.js', 'server/mcp.js'].flatMap((file) =>
    ['esm', 'cjs'].map((kind) => `${PACKAGE}/dist/${kind}/${file}`),
  ),
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/server',
];

type Fields = Readonly<Record<string, unknown>>;
type Handler = (request: Request, extra: unknown) => unknown;

/** A JSON-RPC request. */
interface Request {
  readonly method: string;
  readonly params?: Fields;
}

/** Base class of clients and servers. */
interface Protocol {
  readonly _transport?: object;
  readonly _requestHandlers?: { get(method: string): Handler | undefined };
  readonly fallbackRequestHandler?: Handler;
  /** Of a client: name and version of the server. */
  getServerVersion?(): { readonly name?: unknown } | undefined;
}

interface ProtocolPrototype {
  request(this: Protocol, request: Request, ...rest: unknown[]): Promise<unknown>;
  _onrequest(this: Protocol, request: Request, ...rest: unknown[]): unknown;
}

interface Config {
  /** Whether arguments and results of tools are recorded. */
  readonly messageContent?: boolean;
}

/**
 * Traces requests of the Model Context Protocol: in a client those it sends, in a server the handlers.
 *
 * Over HTTP, the spans of the HTTP requests connect client and server. Without HTTP (stdio), the
 * request carries the trace in `params._meta`.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
 */
export class McpInstrumentation {
  readonly #hook: Hook;

  constructor({ messageContent = false }: Config = {}) {
    const spans = new McpSpans(messageContent);
    this.#hook = new Hook(ENTRIES, {}, (exports) => {
      const { Client, Server, McpServer } = exports as Record<
        string,
        { readonly prototype: object } | undefined
      >;
      for (const Class of [Client, Server]) if (Class) spans.patch(Class.prototype);
      if (McpServer) spans.patchWhenConnected(McpServer.prototype as never);
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
  }
}

const patched = new WeakSet<object>();

class McpSpans {
  readonly #content: ReturnType<typeof contentAttribute>;

  constructor(messageContent: boolean) {
    this.#content = contentAttribute(messageContent);
  }

  /** @param start prototype of a client or server */
  patch(start: object): void {
    let prototype: object | null = start;
    while (prototype !== null && !Object.hasOwn(prototype, '_onrequest')) {
      prototype = Object.getPrototypeOf(prototype);
    }
    if (prototype === null || patched.has(prototype)) return;
    patched.add(prototype);
    const protocol = prototype as ProtocolPrototype;
    protocol.request = this.#tracedRequest(protocol.request);
    protocol._onrequest = this.#tracedHandling(protocol._onrequest);
  }

  /** The module of this class imports that of `Server` by a path that no hook sees. */
  patchWhenConnected(prototype: { connect(...args: unknown[]): unknown }): void {
    const { connect } = prototype;
    const spans = this;
    prototype.connect = function (this: { readonly server?: object }, ...args): unknown {
      attempt(NAME, () => {
        if (this.server) spans.patch(Object.getPrototypeOf(this.server) as object);
      });
      return connect.apply(this as never, args);
    };
  }

  #tracedRequest(original: ProtocolPrototype['request']): ProtocolPrototype['request'] {
    const spans = this;
    return function (this: Protocol, request, ...rest): Promise<unknown> {
      const call = attempt(NAME, () => spans.#startRequest(this, request));
      if (call === undefined) return original.call(this, request, ...rest);
      const { span, sent } = call;
      const active = trace.setSpan(context.active(), span);
      return context
        .with(active, () => original.call(this, sent, ...rest))
        .then(
          (result) => {
            spans.#end(span, result);
            return result;
          },
          (error: unknown) => {
            fail(span, error);
            throw error;
          },
        );
    };
  }

  /** @returns `undefined` outside a trace, and for requests that say nothing of the app */
  #startRequest(
    client: Protocol,
    request: Request,
  ): { readonly span: Span; readonly sent: Request } | undefined {
    if (request.method === 'ping' || trace.getSpan(context.active()) === undefined)
      return undefined;
    const isLocal = isWithoutHttp(client);
    const server = client.getServerVersion?.()?.name;
    const span = this.#start(request, isLocal ? SpanKind.CLIENT : SpanKind.INTERNAL, {
      ...(isLocal && known({ 'service.peer.name': server ?? NAME })),
    });
    return { span, sent: isLocal ? withTrace(request, span) : request };
  }

  #start(request: Request, kind: SpanKind, more: Attributes, parent?: Context): Span {
    const { method, params } = request;
    const target = params?.['name'];
    const isTool = method === 'tools/call';
    const named = typeof target === 'string' ? target : undefined;
    return trace.getTracer(`otel-xray/${NAME}`).startSpan(
      [method, named].filter(Boolean).join(' '),
      {
        kind,
        attributes: {
          ...known({
            'mcp.method.name': method,
            'gen_ai.operation.name': isTool ? 'execute_tool' : undefined,
            'gen_ai.tool.name': isTool ? named : undefined,
            'gen_ai.prompt.name': method === 'prompts/get' ? named : undefined,
            'mcp.resource.uri': params?.['uri'],
          }),
          ...(isTool && this.#content('gen_ai.tool.call.arguments', params?.['arguments'])),
          ...more,
        },
      },
      parent ?? context.active(),
    );
  }

  #end(span: Span, result: unknown): void {
    attempt(NAME, () => {
      const { isError, content } = (result ?? {}) as Fields;
      if (content !== undefined) {
        span.setAttributes(this.#content('gen_ai.tool.call.result', content));
      }
      // A tool that failed; its message may contain what a user wrote.
      if (isError === true) {
        span
          .setAttribute('error.type', 'tool_error')
          .setStatus({ code: SpanStatusCode.ERROR, message: 'the tool returned an error' });
      }
      span.end();
    });
  }

  #tracedHandling(original: ProtocolPrototype['_onrequest']): ProtocolPrototype['_onrequest'] {
    const spans = this;
    return function (this: Protocol, request, ...rest): unknown {
      const handlers = this._requestHandlers;
      if (handlers === undefined || request.method === 'ping') {
        return original.call(this, request, ...rest);
      }
      const traced = (handler: Handler | undefined): Handler | undefined =>
        handler && spans.#tracedHandler(handler);
      // The same object to the method, but for the handlers that it looks up.
      const self = Object.create(this, {
        _requestHandlers: { value: { get: (method: string) => traced(handlers.get(method)) } },
        fallbackRequestHandler: { value: traced(this.fallbackRequestHandler) },
      }) as Protocol;
      return original.call(self, request, ...rest);
    };
  }

  #tracedHandler(handler: Handler): Handler {
    return (request, extra) => {
      const call = attempt(NAME, () => this.#startHandling(request));
      if (call === undefined) return handler(request, extra);
      const { span, active } = call;
      // The library awaits the result.
      return context.with(active, async () => {
        try {
          const result = await handler(request, extra);
          this.#end(span, result);
          return result;
        } catch (error) {
          fail(span, error);
          throw error;
        }
      });
    };
  }

  #startHandling(request: Request): { readonly span: Span; readonly active: Context } {
    const isInRequest = trace.getSpan(context.active()) !== undefined;
    const parent = isInRequest
      ? context.active()
      : propagation.extract(ROOT_CONTEXT, request.params?.['_meta'] ?? {});
    const kind = isInRequest ? SpanKind.INTERNAL : SpanKind.SERVER;
    const listed = { 'aws.xray.annotations': ['mcp.method.name', 'gen_ai.tool.name'] };
    const span = this.#start(request, kind, listed, parent);
    return { span, active: trace.setSpan(parent, span) };
  }
}

/** Returns whether no HTTP request carries the messages, which would have a span of its own. */
function isWithoutHttp({ _transport: transport }: Protocol): boolean {
  return transport !== undefined && !/HTTP|SSE|WebSocket/i.test(transport.constructor.name);
}

function withTrace(request: Request, span: Span): Request {
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  const { params } = request;
  const meta = { ...(params?.['_meta'] as Fields | undefined), ...carrier };
  return { ...request, params: { ...params, _meta: meta } };
}

function fail(span: Span, error: unknown): void {
  attempt(NAME, () => {
    recordError(span, error);
    span.end();
  });
}
