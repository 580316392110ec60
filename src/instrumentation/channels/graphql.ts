import {
  type Context,
  createContextKey,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { foldingProvider, foldRule } from '../folding.ts';
import { annotateOperation } from '../graphql-operation.ts';
import utils from '../graphql-utils.js';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Outcome,
  type Started,
} from './tracing-channel.ts';

/** The part of a parsed document that names an operation; `loc` is absent if it has no source. */
interface Document {
  readonly loc?: object;
}

interface ExecuteMessage {
  readonly document: Document;
  readonly operationName?: string;
}

interface ValidateMessage {
  readonly document: Document;
}

interface ResolveMessage {
  readonly fieldName: string;
  /** Names and list indexes from the root, joined by dots. */
  readonly fieldPath: string;
  readonly fieldType: string;
  readonly parentType: string;
  readonly isDefaultResolver: boolean;
}

/** Functions of upstream's instrumentation for earlier versions of graphql. */
const { addSpanSource, getOperation } = utils;

/** The spans of the fields of an operation, by path; the items of a list share one. */
type Fields = Map<string, Span>;
const FIELDS = createContextKey('otel-xray: fields of a GraphQL operation');

/**
 * Traces graphql 17 by its channels, with the spans of `@opentelemetry/instrumentation-graphql` and the
 * same rules for which of them are left out.
 *
 * The text of a field (`graphql.source`) is not published.
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const rule = foldRule('graphql', middlewareSpans);
  const provider = rule === undefined ? trace : foldingProvider(rule);
  const tracer = provider.getTracer('otel-xray/graphql', version);
  return channelTracing('graphql', {
    'graphql:parse': {
      start: (_message: object, outer) => ({ span: tracer.startSpan('graphql.parse', {}, outer) }),
      onError: recordException,
      onResult: (span, { result }: Outcome) => {
        const { loc } = (result ?? {}) as Document;
        if (getOperation(result) === undefined) span.updateName('graphql.parseSchema');
        else if (loc !== undefined) addSpanSource(span, loc, false);
      },
    },
    'graphql:validate': {
      start: (_message: object, outer) => ({
        span: tracer.startSpan('graphql.validate', {}, outer),
      }),
      onError: recordException,
      onResult: (span, { document, result }: ValidateMessage & Outcome) => {
        if (document.loc === undefined) span.updateName('graphql.validateSchema');
        if (!Array.isArray(result) || result.length === 0) return;
        const message = JSON.stringify(result);
        span.recordException({ name: 'graphql.validation.error', message });
      },
    },
    'graphql:execute': {
      start: (message: ExecuteMessage, outer) => startExecution(tracer, message, outer),
      onError: recordException,
      onResult: annotateOperation,
    },
    'graphql:resolve': {
      start: (message: ResolveMessage, outer) =>
        startField(tracer, message, outer, middlewareSpans),
    },
  });
}

function recordException(span: Span, error: unknown): void {
  span.recordException(error as Error);
}

function startExecution(tracer: Tracer, message: ExecuteMessage, outer: Context): Started {
  const { document, operationName } = message;
  const operation = getOperation(document, operationName);
  const name = operation?.name?.value;
  const spanName = operation && [operation.operation, name].filter(Boolean).join(' ');
  const span = tracer.startSpan(spanName ?? 'graphql.execute', {}, outer);
  if (operation !== undefined) span.setAttribute('graphql.operation.type', operation.operation);
  if (name !== undefined) span.setAttribute('graphql.operation.name', name);
  if (document.loc !== undefined) addSpanSource(span, document.loc, false);
  const fields: Fields = new Map();
  return { span, context: trace.setSpan(outer, span).setValue(FIELDS, fields) };
}

function startField(
  tracer: Tracer,
  message: ResolveMessage,
  outer: Context,
  middlewareSpans: boolean,
): Started | undefined {
  const fields = outer.getValue(FIELDS) as Fields | undefined;
  if (fields === undefined) return undefined;
  const path = message.fieldPath.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*');
  // Such a field is usually a value that is there; only a function of the root is worth a span.
  if (message.isDefaultResolver && !middlewareSpans && path.includes('.')) return undefined;
  const known = fields.get(path);
  if (known !== undefined) return { span: known, isShared: true };
  const parent = parentOf(fields, path);
  const span = tracer.startSpan(
    `graphql.resolve ${path}`,
    fieldOptions(message, path),
    parent === undefined ? outer : trace.setSpan(outer, parent),
  );
  fields.set(path, span);
  return { span };
}

function fieldOptions(message: ResolveMessage, path: string): SpanOptions {
  return {
    attributes: {
      'graphql.field.name': message.fieldName,
      'graphql.field.path': path,
      'graphql.field.type': message.fieldType,
      'graphql.parent.name': message.parentType,
    },
  };
}

/** Returns the span of the nearest field above. */
function parentOf(fields: Fields, path: string): Span | undefined {
  for (let at = path.lastIndexOf('.'); at > 0; at = path.lastIndexOf('.', at - 1)) {
    const span = fields.get(path.slice(0, at));
    if (span !== undefined) return span;
  }
  return undefined;
}
