import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { guardedWrapper, type Wrapper } from './guarded-wrap.ts';

/**
 * Spans for `node:sqlite`, for which no instrumentation exists.
 *
 * Creates one CLIENT span per call, only inside a trace. Literals in the query text are replaced
 * with `?`; values bound to parameters are never recorded.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
export function instrumentSqlite(version: string): void {
  const sqlite = createRequire(import.meta.url)('node:sqlite') as Sqlite;
  const tracer = trace.getTracer('otel-xray/sqlite', version);
  const opened = new WeakMap<object, string>();
  const prepared = new WeakMap<object, Query>();

  const database = sqlite.DatabaseSync.prototype;
  const statement = sqlite.StatementSync.prototype;

  const queryOf = (owner: Callable, text: unknown): Query => {
    const namespace = opened.get(owner) ?? locationOf(owner);
    opened.set(owner, namespace);
    return { namespace, text: withoutLiterals(String(text)) };
  };

  const traced = (query: Query | undefined, run: () => unknown): unknown => {
    if (query === undefined || trace.getSpan(context.active()) === undefined) return run();
    const operation = operationOf(query.text);
    const attributes = {
      'db.system.name': 'sqlite',
      'db.namespace': query.namespace,
      'db.query.text': query.text,
      'db.operation.name': operation,
    };
    const name = `${operation} ${query.namespace}`;
    return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, (span) => {
      try {
        return run();
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  };

  replace(database, 'exec', (original) => {
    return function exec(this: Callable, ...args: unknown[]): unknown {
      return traced(queryOf(this, args[0]), () => original.apply(this, args));
    };
  });
  replace(database, 'prepare', (original) => {
    return function prepare(this: Callable, ...args: unknown[]): unknown {
      const result = original.apply(this, args) as object;
      prepared.set(result, queryOf(this, args[0]));
      return result;
    };
  });
  for (const method of ['run', 'get', 'all', 'iterate']) {
    replace(statement, method, (original) => {
      return function call(this: Callable, ...args: unknown[]): unknown {
        return traced(prepared.get(this), () => original.apply(this, args));
      };
    });
  }
}

interface Query {
  readonly namespace: string;
  readonly text: string;
}

type Method = (this: Callable, ...args: unknown[]) => unknown;
interface Callable {
  [name: string]: Method;
}

interface Sqlite {
  readonly DatabaseSync: { readonly prototype: Callable };
  readonly StatementSync: { readonly prototype: Callable };
}

function replace(prototype: Callable, name: string, wrapped: (original: Method) => Method): void {
  const original = prototype[name];
  if (original === undefined) return;
  prototype[name] = guardedWrapper('sqlite', wrapped as Wrapper)(original as never, name);
}

/** Returns the file name of the database, without its folder, which may be private. */
function locationOf(database: Callable): string {
  const location = database['location']?.call(database);
  return typeof location === 'string' && location !== '' ? basename(location) : ':memory:';
}

/** Strings, blobs and numbers become `?`; names in double quotes stay. */
const LITERAL = /x?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b/gi;

function withoutLiterals(text: string): string {
  return text.replace(LITERAL, '?').trim();
}

function operationOf(text: string): string {
  return /^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? 'SQL';
}

function fail(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}
