import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { type Callable, SqliteCalls, type SqliteQuery, sqliteQuery } from './sqlite-calls.ts';

/**
 * Traces `node:sqlite`, for which no instrumentation exists.
 *
 * Creates one CLIENT span per call, only inside a trace. Literals in the query text are replaced
 * with `?`; values bound to parameters are never recorded.
 */
export function instrumentSqlite(version: string): void {
  const sqlite = createRequire(import.meta.url)('node:sqlite') as Sqlite;
  const calls = new SqliteCalls('sqlite', trace.getTracer('otel-xray/sqlite', version));
  const locations = new WeakMap<object, unknown>();
  const prepared = new WeakMap<object, SqliteQuery>();

  const database = sqlite.DatabaseSync.prototype;
  const statement = sqlite.StatementSync.prototype;

  const queryOf = (owner: Callable, text: unknown): SqliteQuery => {
    const location = locations.get(owner) ?? owner['location']?.call(owner) ?? '';
    locations.set(owner, location);
    return sqliteQuery(location, text);
  };

  calls.trace(database, 'exec', (self, [text]) => queryOf(self, text));
  calls.tracePreparing(
    database,
    (self, [text]) => queryOf(self, text),
    (made, self, [text]) => prepared.set(made, queryOf(self, text)),
  );
  for (const method of ['run', 'get', 'all']) {
    calls.trace(statement, method, (self) => prepared.get(self));
  }
  calls.traceIterator(statement, 'iterate', (self) => prepared.get(self));
}

interface Sqlite {
  readonly DatabaseSync: { readonly prototype: Callable };
  readonly StatementSync: { readonly prototype: Callable };
}
