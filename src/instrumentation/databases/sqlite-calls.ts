import { basename } from 'node:path';
import { context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { recordError } from '../../api/errors.ts';
import { guardedWrapper, type Wrapper } from '../loading/guarded-wrap.ts';
import { attempt } from '../wrap/guard.ts';

/** A query, as it appears in a trace. */
export interface SqliteQuery {
  /** File name of the database, without its folder, which may be private. */
  readonly namespace: string;
  /** Text of the query, without literals. */
  readonly text: string;
}

export type Method = (this: Callable, ...args: unknown[]) => unknown;
/** An object with methods, such as a prototype. */
export interface Callable {
  [name: string]: Method;
}

/** Returns the query of a call; `undefined` if the call is not traced. */
export type QueryOf = (self: Callable, args: readonly unknown[]) => SqliteQuery | undefined;

/**
 * Replaces methods of SQLite drivers, which run queries synchronously in this process, by traced ones.
 *
 * A call is a CLIENT span, only inside a trace. Values bound to parameters are never recorded.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
export class SqliteCalls {
  readonly #instrumentation: string;
  readonly #tracer: Tracer;
  /** Open spans of iterators. */
  readonly #iterations = new WeakMap<object, Span>();
  readonly #patchedIterators = new WeakSet<object>();

  constructor(instrumentation: string, tracer: Tracer) {
    this.#instrumentation = instrumentation;
    this.#tracer = tracer;
  }

  /**
   * Watches a method that prepares a query. A query that cannot be prepared is a span with its error.
   *
   * @param onPrepared called with the statement
   */
  tracePreparing(
    prototype: Callable,
    queryOf: QueryOf,
    onPrepared: (statement: object, self: Callable, args: readonly unknown[]) => void,
  ): void {
    const calls = this;
    this.#replace(prototype, 'prepare', (original) => {
      return function prepare(this: Callable, ...args: unknown[]): unknown {
        let statement: unknown;
        try {
          statement = original.apply(this, args);
        } catch (error) {
          calls.#end(this, calls.#start(this, args, queryOf), { thrown: error });
          throw error;
        }
        onPrepared(statement as object, this, args);
        return statement;
      };
    });
  }

  /** Replaces a method, if it exists, by one that passes its errors on and cannot fail otherwise. */
  #replace(prototype: Callable, name: string, wrapped: (original: Method) => Method): void {
    const original = prototype[name];
    if (original === undefined) return;
    const guarded = guardedWrapper(this.#instrumentation, wrapped as Wrapper);
    prototype[name] = guarded(original as never, name);
  }

  /** Traces a method that runs a query. */
  trace(prototype: Callable, name: string, queryOf: QueryOf): void {
    const calls = this;
    this.#replace(prototype, name, (original) => {
      return function (this: Callable, ...args: unknown[]): unknown {
        const span = calls.#start(this, args, queryOf);
        if (span === undefined) return original.apply(this, args);
        try {
          return inside(span, () => original.apply(this, args));
        } catch (error) {
          recordError(span, error);
          throw error;
        } finally {
          span.end();
        }
      };
    });
  }

  /** Traces a method that returns an iterator; its span ends with the iteration. */
  traceIterator(prototype: Callable, name: string, queryOf: QueryOf): void {
    const calls = this;
    this.#replace(prototype, name, (original) => {
      return function (this: Callable, ...args: unknown[]): unknown {
        const span = calls.#start(this, args, queryOf);
        if (span === undefined) return original.apply(this, args);
        try {
          const iterator = inside(span, () => original.apply(this, args));
          if (calls.#watch(iterator as Callable, span)) return iterator;
          span.end();
          return iterator;
        } catch (error) {
          recordError(span, error);
          span.end();
          throw error;
        }
      };
    });
  }

  #start(self: Callable, args: readonly unknown[], queryOf: QueryOf): Span | undefined {
    if (trace.getSpan(context.active()) === undefined) return undefined;
    const query = queryOf(self, args);
    if (query === undefined) return undefined;
    const { namespace, text } = query;
    const operation = operationOf(text);
    return this.#tracer.startSpan(`${operation} ${namespace}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'sqlite',
        'db.namespace': namespace,
        'db.query.text': text,
        'db.operation.name': operation,
      },
    });
  }

  /** @returns whether the end of the iteration will end the span */
  #watch(iterator: Callable, span: Span): boolean {
    const prototype = Object.getPrototypeOf(iterator) as Callable;
    if (!Object.hasOwn(prototype, 'next')) return false;
    this.#iterations.set(iterator, span);
    if (this.#patchedIterators.has(prototype)) return true;
    this.#patchedIterators.add(prototype);
    for (const name of ['next', 'return']) this.#traceStep(prototype, name);
    return true;
  }

  #traceStep(prototype: Callable, name: string): void {
    const calls = this;
    this.#replace(prototype, name, (original) => {
      return function (this: Callable, ...args: unknown[]): unknown {
        const span = calls.#iterations.get(this);
        if (span === undefined) return original.apply(this, args);
        try {
          const step = original.apply(this, args) as IteratorResult<unknown>;
          if (step.done === true || name === 'return') calls.#end(this, span);
          return step;
        } catch (error) {
          calls.#end(this, span, { thrown: error });
          throw error;
        }
      };
    });
  }

  #end(owner: object, span: Span | undefined, error?: { readonly thrown: unknown }): void {
    attempt(this.#instrumentation, () => {
      this.#iterations.delete(owner);
      if (span !== undefined && error !== undefined) recordError(span, error.thrown);
      span?.end();
    });
  }
}

/** Runs work with the span active, so that spans of functions that the query calls are below it. */
function inside<Result>(span: Span, run: () => Result): Result {
  return context.with(trace.setSpan(context.active(), span), run);
}

/** @param location path of a database; empty for one in memory */
export function sqliteQuery(location: unknown, text: unknown): SqliteQuery {
  const isFile = typeof location === 'string' && location !== '' && location !== ':memory:';
  return {
    namespace: isFile ? basename(location) : ':memory:',
    text: withoutLiterals(String(text)),
  };
}

/** Strings, blobs and numbers become `?`; names in double quotes stay. */
const LITERAL = /x?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b/gi;

function withoutLiterals(text: string): string {
  return text.replace(LITERAL, '?').trim();
}

function operationOf(text: string): string {
  return /^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? 'SQL';
}
