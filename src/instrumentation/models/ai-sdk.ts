import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { known } from './model-call.ts';
import { contentAttribute } from './model-content.ts';
import { abortError, recordModelError } from './model-errors.ts';

const NAME = 'ai';

/** Where `registerTelemetry` of the AI SDK keeps integrations, from version 7 on. */
const REGISTRY = 'AI_SDK_TELEMETRY_INTEGRATIONS';
/** Classes of `@ai-sdk/otel`; an app that registers one has its spans. */
const OTHERS = /OpenTelemetry$/;

interface Config {
  /** Whether prompts and answers are recorded. */
  readonly messageContent?: boolean;
}

type Registry = { [REGISTRY]?: object[] };

/**
 * Traces calls of the AI SDK (7 and later) as an integration of its own interface: the whole call,
 * each call of a model, and each tool. Earlier versions create spans where the app asks for them.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 */
export class AiSdkInstrumentation {
  readonly #hook: Hook;
  #integration: AiSdkTelemetry | undefined;

  constructor({ messageContent = false }: Config = {}) {
    this.#hook = new Hook([NAME], {}, (exports) => {
      if (typeof (exports as { registerTelemetry?: unknown }).registerTelemetry !== 'function') {
        return exports;
      }
      this.#integration ??= new AiSdkTelemetry(messageContent);
      registry().push(this.#integration);
      return exports;
    });
  }

  disable(): void {
    this.#hook.unhook();
    const at = registry().indexOf(this.#integration as AiSdkTelemetry);
    if (at >= 0) registry().splice(at, 1);
  }
}

/**
 * Returns the list that the AI SDK makes when an integration is registered; creates it if there is
 * none.
 */
function registry(): object[] {
  const holder = globalThis as Registry;
  holder[REGISTRY] ??= [];
  return holder[REGISTRY];
}

/** The fields of all events that are used here. */
interface AiEvent {
  readonly callId: string;
  readonly operationId?: string;
  readonly provider?: string;
  readonly modelId?: string;
  readonly functionId?: string;
  readonly messages?: unknown;
  readonly instructions?: unknown;
  readonly content?: unknown;
  readonly usage?: Usage;
  readonly finishReason?: string;
  readonly response?: { readonly id?: string; readonly modelId?: string };
  readonly toolCall?: ToolCall;
  readonly toolOutput?: {
    readonly type?: string;
    readonly error?: unknown;
    readonly output?: unknown;
  };
  readonly error?: unknown;
}

interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

interface ToolCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input?: unknown;
}

interface Execution<Result> {
  readonly callId: string;
  readonly toolCallId?: string;
  execute(): Result;
}

/** The open spans of one call of the AI SDK. */
interface Open {
  readonly root: Span;
  readonly context: Context;
  model: Span | undefined;
  readonly tools: Map<string, Span>;
}

/** Streams that nobody reads do not end. */
const MAX_OPEN = 1_000;
const EMBEDDINGS: ReadonlySet<string> = new Set(['ai.embed', 'ai.embedMany']);

/** An integration; the AI SDK calls its methods, and ignores what they throw. */
class AiSdkTelemetry {
  readonly #open = new Map<string, Open>();
  readonly #content: ReturnType<typeof contentAttribute>;

  constructor(messageContent: boolean) {
    this.#content = contentAttribute(messageContent);
  }

  onStart(event: AiEvent): void {
    if (registry().some((other) => OTHERS.test(other.constructor.name))) return;
    const { callId, modelId = '', functionId, operationId = '' } = event;
    const isEmbedding = EMBEDDINGS.has(operationId);
    const operation = isEmbedding ? 'embeddings' : 'invoke_agent';
    // The request of an embedding is not made inside this span, so it is not a remote call itself.
    const root = startSpan(
      `${operation} ${functionId ?? modelId}`,
      SpanKind.INTERNAL,
      context.active(),
      {
        ...modelAttributes(operation, event),
        ...known({ 'gen_ai.agent.name': functionId }),
      },
    );
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= MAX_OPEN) this.#close(oldest);
    this.#open.set(callId, {
      root,
      context: trace.setSpan(context.active(), root),
      model: undefined,
      tools: new Map(),
    });
  }

  onLanguageModelCallStart(event: AiEvent): void {
    const open = this.#open.get(event.callId);
    if (open === undefined) return;
    open.model = startSpan(`chat ${event.modelId ?? ''}`.trim(), SpanKind.CLIENT, open.context, {
      ...modelAttributes('chat', event),
      ...this.#content('gen_ai.system_instructions', event.instructions),
      ...this.#content('gen_ai.input.messages', event.messages),
    });
  }

  onLanguageModelCallEnd(event: AiEvent): void {
    const open = this.#open.get(event.callId);
    const span = open?.model;
    if (open === undefined || span === undefined) return;
    open.model = undefined;
    span.setAttributes({
      ...usageAttributes(event.usage),
      ...known({
        'gen_ai.response.id': event.response?.id,
        'gen_ai.response.model': event.response?.modelId,
        'gen_ai.response.finish_reasons':
          event.finishReason === undefined ? undefined : [event.finishReason],
      }),
      ...this.#content('gen_ai.output.messages', event.content),
    });
    span.end();
  }

  onObjectStepStart(event: AiEvent): void {
    this.onLanguageModelCallStart(event);
  }

  onObjectStepEnd(event: AiEvent): void {
    this.onLanguageModelCallEnd(event);
  }

  executeLanguageModelCall<Result>({ callId, execute }: Execution<Result>): Result {
    return inside(this.#open.get(callId)?.model, execute);
  }

  onToolExecutionStart({ callId, toolCall }: AiEvent): void {
    const open = this.#open.get(callId);
    if (open === undefined || toolCall === undefined) return;
    const { toolName, toolCallId, input } = toolCall;
    const span = startSpan(`execute_tool ${toolName}`, SpanKind.INTERNAL, open.context, {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': toolName,
      'gen_ai.tool.call.id': toolCallId,
      ...this.#content('gen_ai.tool.call.arguments', input),
    });
    open.tools.set(toolCallId, span);
  }

  onToolExecutionEnd({ callId, toolCall, toolOutput }: AiEvent): void {
    const tools = this.#open.get(callId)?.tools;
    const span = tools?.get(toolCall?.toolCallId ?? '');
    if (span === undefined) return;
    tools?.delete(toolCall?.toolCallId ?? '');
    if (toolOutput?.type === 'tool-error') recordModelError(span, toolOutput.error);
    else span.setAttributes(this.#content('gen_ai.tool.call.result', toolOutput?.output));
    span.end();
  }

  executeTool<Result>({ callId, toolCallId = '', execute }: Execution<Result>): Result {
    return inside(this.#open.get(callId)?.tools.get(toolCallId), execute);
  }

  onEnd(event: AiEvent): void {
    const open = this.#open.get(event.callId);
    // The tokens of an agent are those of its calls.
    if (open?.root && EMBEDDINGS.has(event.operationId ?? '')) {
      const { tokens } = (event.usage ?? {}) as { readonly tokens?: number };
      open.root.setAttributes(known({ 'gen_ai.usage.input_tokens': tokens }));
    }
    this.#close(event.callId);
  }

  onAbort({ callId }: AiEvent): void {
    this.onError({ callId, error: abortError() });
  }

  onError({ callId, error }: AiEvent): void {
    const open = this.#open.get(callId);
    for (const span of [open?.model, open?.root]) if (span) fail(span, error);
    this.#close(callId);
  }

  #close(callId: string): void {
    const open = this.#open.get(callId);
    if (open === undefined) return;
    this.#open.delete(callId);
    for (const span of [...open.tools.values(), open.model, open.root]) span?.end();
  }
}

function fail(span: Span, error: unknown): void {
  const { statusCode } = (error ?? {}) as { readonly statusCode?: unknown };
  if (typeof statusCode === 'number') span.setAttribute('http.response.status_code', statusCode);
  recordModelError(span, error);
}

function startSpan(name: string, kind: SpanKind, parent: Context, attributes: Attributes): Span {
  return trace.getTracer(`otel-xray/${NAME}`).startSpan(name, { kind, attributes }, parent);
}

function inside<Result>(span: Span | undefined, execute: () => Result): Result {
  if (span === undefined) return execute();
  const active = attempt(NAME, () => trace.setSpan(context.active(), span));
  return active === undefined ? execute() : context.with(active, execute);
}

function modelAttributes(operation: string, { provider, modelId }: AiEvent): Attributes {
  return known({
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': provider === undefined ? undefined : providerName(provider),
    'gen_ai.request.model': modelId,
  });
}

function usageAttributes({ inputTokens, outputTokens }: Usage = {}): Attributes {
  return known({
    'gen_ai.usage.input_tokens': inputTokens,
    'gen_ai.usage.output_tokens': outputTokens,
  });
}

/** Names of the semantic conventions for names of the AI SDK, such as `openai.responses`. */
const PROVIDERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^google[.-]vertex/, 'gcp.vertex_ai'],
  [/^google/, 'gcp.gemini'],
  [/^(?:amazon-)?bedrock/, 'aws.bedrock'],
  [/^azure-openai/, 'azure.ai.openai'],
  [/^azure/, 'azure.ai.inference'],
  [/^mistral/, 'mistral_ai'],
  [/^xai/, 'x_ai'],
];

function providerName(provider: string): string {
  const [, name] = PROVIDERS.find(([start]) => start.test(provider)) ?? [];
  return name ?? provider.replace(/\..*/, '');
}
