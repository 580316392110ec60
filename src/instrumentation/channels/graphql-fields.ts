import { type Context, context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { apply, contextStorage } from '../../context-storage.ts';
import { recordFailure } from '../spans/record-failure.ts';
import { attempt, reportFailure } from '../wrap/guard.ts';
import { type FieldInfo, pathOf, type Resolver } from './graphql-resolvers.ts';

/** What the spans of the fields of an operation need. */
export interface Fields {
  /** The contexts of their resolvers, by path; the items of a list share one. */
  readonly contexts: Map<string, Context>;
  /** Names of the fields of queries and mutations that have no resolver. */
  readonly unresolved: ReadonlySet<string>;
}

/** Where the span of an operation keeps them. Resolvers are called in its context. */
const FIELDS = Symbol('otel-xray.fields');

interface OperationSpan extends Span {
  [FIELDS]?: Fields;
}

/** A field that is resolved. */
export interface Field {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly parentType: string;
}

/** Lets the fields of an operation have spans. */
export function holdFields(operation: Span, unresolved: ReadonlySet<string>): void {
  (operation as OperationSpan)[FIELDS] = { contexts: new Map(), unresolved };
}

/** Returns what the operation of a context holds; `undefined` if its fields have no spans. */
export function fieldsIn(outer: Context): Fields | undefined {
  return (trace.getSpan(outer) as OperationSpan | undefined)?.[FIELDS];
}

/** Starts the span of a field below that of the nearest field above. */
export function startField(tracer: Tracer, fields: Fields, field: Field, outer: Context): Span {
  const options = {
    attributes: {
      'graphql.field.name': field.name,
      'graphql.field.path': field.path,
      'graphql.field.type': field.type,
      'graphql.parent.name': field.parentType,
    },
  };
  const above = contextAbove(fields, field.path) ?? outer;
  const span = tracer.startSpan(`graphql.resolve ${field.path}`, options, above);
  fields.contexts.set(field.path, trace.setSpan(outer, span));
  return span;
}

function contextAbove({ contexts }: Fields, path: string): Context | undefined {
  for (let at = path.lastIndexOf('.'); at > 0; at = path.lastIndexOf('.', at - 1)) {
    const above = contexts.get(path.slice(0, at));
    if (above !== undefined) return above;
  }
  return undefined;
}

/**
 * Returns a resolver whose field has a span while an operation with spans runs.
 *
 * @param type of the field as text, e.g. `[String!]`
 */
export function tracedResolver(tracer: Tracer, resolver: Resolver, type: string): Resolver {
  const enter = contextEntry();
  return function resolve(this: unknown, ...args: unknown[]): unknown {
    const outer = context.active();
    const fields = fieldsIn(outer);
    if (fields === undefined) return resolver.apply(this, args);
    let span: Span | undefined;
    let inner: Context | undefined;
    try {
      const info = args[3] as FieldInfo;
      const path = pathOf(info);
      inner = fields.contexts.get(path);
      if (inner === undefined) {
        const field = { name: info.fieldName, path, type, parentType: info.parentType.name };
        span = startField(tracer, fields, field, outer);
        inner = fields.contexts.get(path);
      }
    } catch (error) {
      reportFailure('graphql', error);
    }
    if (inner === undefined) return resolver.apply(this, args);
    if (span === undefined) return enter(inner, resolver, this, args);
    return withEnd(span, () => enter(inner, resolver, this, args));
  };
}

type Enter = (inner: Context, fn: Resolver, self: unknown, args: readonly unknown[]) => unknown;

/** Returns what calls a function in a context: the storage, with fewer frames than `context.with`. */
function contextEntry(): Enter {
  const storage = contextStorage();
  return (inner, fn, self, args) =>
    storage === undefined
      ? context.with(inner, apply, undefined, fn, self, args)
      : storage.run(inner, apply, fn, self, args);
}

function end(span: Span): void {
  try {
    span.end();
  } catch (error) {
    reportFailure('graphql', error);
  }
}

function fail(span: Span, error: unknown): void {
  attempt('graphql', () => recordFailure(span, error));
  end(span);
}

/** Runs a resolver and ends the span when it has a result. */
function withEnd(span: Span, run: () => unknown): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (result instanceof Promise) {
    result.then(
      () => end(span),
      (error) => fail(span, error),
    );
    return result;
  }
  if (!isThenable(result)) {
    end(span);
    return result;
  }
  // Such an object may start its work when `then` is called, and again when it is called twice.
  return result.then(
    (value) => {
      end(span);
      return value;
    },
    (error) => {
      fail(span, error);
      throw error;
    },
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
