import { trace } from '@opentelemetry/api';
import { Hook } from '../loading/hooks.ts';
import { attempt } from '../wrap/guard.ts';
import { type Callable, SqliteCalls, type SqliteQuery, sqliteQuery } from './sqlite-calls.ts';

const NAME = 'better-sqlite3';

/** Entry points that contain a class of their own, from version 13 on. */
const PLATFORMS = ['linux', 'linuxmusl', 'darwin', 'win32'].flatMap((system) => [
  `${system}-x64`,
  `${system}-arm64`,
]);
const ENTRIES = [NAME, ...PLATFORMS.map((platform) => `${NAME}/lib/${platform}.js`)];

/** A prepared statement. */
interface Statement {
  readonly source: string;
  readonly database: { readonly name: string };
}

/** Traces queries of better-sqlite3. They run in this process, without a network. */
export class BetterSqlite3Instrumentation {
  readonly #hook: Hook = new Hook(ENTRIES, {}, (exports) => {
    traceDatabase((exports as { readonly prototype: Callable }).prototype);
    return exports;
  });

  disable(): void {
    this.#hook.unhook();
  }
}

/** Classes of statements that are traced. Entry points may share a native addon. */
const traced = new WeakSet<object>();

function traceDatabase(database: Callable): void {
  const calls = new SqliteCalls(NAME, trace.getTracer(`otel-xray/${NAME}`));
  const queryOf = (self: Callable, [text]: readonly unknown[]): SqliteQuery =>
    sqliteQuery((self as unknown as Statement['database']).name, text);
  calls.trace(database, 'exec', queryOf);
  calls.tracePreparing(database, queryOf, (statement) => {
    // The class of statements is not exported; each native addon has its own.
    const prototype = Object.getPrototypeOf(statement) as Callable;
    if (traced.has(prototype)) return;
    traced.add(prototype);
    attempt(NAME, () => traceStatements(calls, prototype));
  });
}

function traceStatements(calls: SqliteCalls, prototype: Callable): void {
  const queries = new WeakMap<object, SqliteQuery>();
  const queryOf = (self: Callable): SqliteQuery => {
    const known = queries.get(self);
    if (known !== undefined) return known;
    const { source, database } = self as unknown as Statement;
    const query = sqliteQuery(database.name, source);
    queries.set(self, query);
    return query;
  };
  for (const method of ['run', 'get', 'all']) calls.trace(prototype, method, queryOf);
  calls.traceIterator(prototype, 'iterate', queryOf);
}
