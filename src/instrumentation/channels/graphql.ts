import type { Span, Tracer } from '@opentelemetry/api';
import { annotateOperation, isOwnIntrospection } from '../graphql/graphql-operation.ts';
import utils from '../graphql/graphql-utils.js';
import { foldingProvider, foldRule } from '../spans/folding.ts';
import { recordErrors } from '../spans/graphql-data.ts';
import { recordErrorsOf } from '../spans/graphql-errors.ts';
import { attempt } from '../wrap/guard.ts';
import { fieldsIn, holdFields, startField, tracedResolver } from './graphql-fields.ts';
import {
  type Definition,
  readsOne,
  replaceResolvers,
  rootsWithoutResolver,
  type Schema,
} from './graphql-resolvers.ts';
import {
  type ChannelOptions,
  type ChannelTracing,
  channelTracing,
  type Operation,
  type Outcome,
} from './tracing-channel.ts';

/** `loc` is absent if the document has no source. */
interface Document {
  readonly loc?: object;
  readonly definitions: readonly Definition[];
}

interface ExecuteMessage {
  readonly schema: Schema;
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

/** The channel of all fields. */
const RESOLVE = 'graphql:resolve';

const NONE: ReadonlySet<string> = new Set();

/**
 * Traces graphql 17 by its channels, with the spans of `@opentelemetry/instrumentation-graphql` and the
 * same rules for which of them are left out.
 *
 * With a subscriber of its channel for fields, graphql takes 2 µs for each value of a result. Resolvers
 * are therefore replaced in the schema that it publishes, as upstream does. The channel is used when
 * spans of all fields are wanted, or after an operation has read a field of its root without a resolver.
 * The text of a field (`graphql.source`) is not recorded.
 *
 * @see docs/rationale.md
 */
export function traceLibrary({ version, middlewareSpans }: ChannelOptions): ChannelTracing {
  const provider = foldingProvider(foldRule('graphql', middlewareSpans));
  const tracer = provider.getTracer('otel-xray/graphql', version);
  return channelTracing('graphql', {
    'graphql:parse': {
      start: (_message: object, outer) => ({ span: tracer.startSpan('graphql.parse', {}, outer) }),
      onError: recordException,
      onResult: (span, { result }: Outcome) => {
        const { loc } = (result ?? {}) as Partial<Document>;
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
        recordErrors(span, result);
      },
    },
    'graphql:execute': executions(tracer, middlewareSpans),
    [RESOLVE]: fields(tracer, middlewareSpans),
  });
}

function recordException(span: Span, error: unknown): void {
  span.recordException(error as Error);
}

function executions(tracer: Tracer, everyField: boolean): Operation<ExecuteMessage> {
  const unresolvedIn = new WeakMap<Schema, ReadonlySet<string>>();
  const prepare = (schema: Schema): ReadonlySet<string> => {
    const known = unresolvedIn.get(schema);
    if (known !== undefined) return known;
    const unresolved = rootsWithoutResolver(schema);
    unresolvedIn.set(schema, unresolved);
    if (!everyField) {
      replaceResolvers(schema, (resolver, type) => tracedResolver(tracer, resolver, type));
    }
    return unresolved;
  };
  return {
    start({ schema, document, operationName }, outer, watch) {
      const operation = getOperation(document, operationName);
      const name = operation?.name?.value;
      if (isOwnIntrospection(name)) return undefined;
      const spanName = operation && [operation.operation, name].filter(Boolean).join(' ');
      const span = tracer.startSpan(spanName ?? 'graphql.execute', {}, outer);
      if (operation !== undefined) span.setAttribute('graphql.operation.type', operation.operation);
      if (name !== undefined) span.setAttribute('graphql.operation.name', name);
      if (document.loc !== undefined) addSpanSource(span, document.loc, false);
      const unresolved = attempt('graphql', () => prepare(schema)) ?? NONE;
      holdFields(span, unresolved);
      if (everyField || readsOne(unresolved, operation, document.definitions)) watch(RESOLVE);
      return { span };
    },
    onError: recordException,
    onResult: (span, { result }: ExecuteMessage & Outcome) => {
      annotateOperation(span);
      recordErrorsOf(span, result);
    },
  };
}

function fields(tracer: Tracer, everyField: boolean): Operation<ResolveMessage> {
  return {
    start(message, outer) {
      const operation = fieldsIn(outer);
      if (operation === undefined) return undefined;
      const { fieldName: name, fieldType: type, parentType } = message;
      // Other fields have a resolver that makes the span, or no span.
      const isUnresolved = message.isDefaultResolver && operation.unresolved.has(name);
      if (!everyField && !isUnresolved) return undefined;
      const path = message.fieldPath.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*');
      if (!everyField && path.includes('.')) return undefined;
      const known = operation.contexts.get(path);
      if (known !== undefined) return { context: known };
      const span = startField(tracer, operation, { name, path, type, parentType }, outer);
      return { span };
    },
  };
}
