import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Term } from './derive.ts';
import { candidateQuery, type Page, type TraceQuery } from './query.ts';

/** Indexed data of a trace. */
export interface IndexRow extends Page {
  readonly id: string;
  /** Response time; the duration of the trace where its root has not ended. */
  readonly seconds: number;
  /** Bits of `FLAG_BITS` that hold. */
  readonly flags: number;
  readonly terms: readonly Term[];
}

type Row = Record<string, unknown>;

/** Terms remembered, so that common ones are read once. */
const MAX_REMEMBERED = 50_000;
const COLUMNS = 'id, start, key, coalesce(response, duration, 0) AS seconds, flags_true, terms';

/** Reads traces from the index alone, without their documents. */
export class IndexReader {
  readonly #db: DatabaseSync;
  readonly #term: StatementSync;
  readonly #terms = new Map<number, Term>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#term = db.prepare('SELECT kind, key, type, value FROM term WHERE id = ?');
  }

  /** Returns up to `limit` traces of a query that follow `after`, newest first. */
  rows(
    query: TraceQuery,
    after: Page | undefined,
    limit: number,
    overflow: boolean,
  ): readonly IndexRow[] {
    const { sql, parameters } = candidateQuery(query, after, overflow, COLUMNS);
    return (this.#db.prepare(sql).all(...parameters, limit) as Row[]).map((row) => ({
      id: row['id'] as string,
      start: row['start'] as number,
      key: row['key'] as number,
      seconds: row['seconds'] as number,
      flags: (row['flags_true'] as number | null) ?? 0,
      terms: (JSON.parse((row['terms'] as string | null) ?? '[]') as number[]).flatMap(
        (id) => this.#termOf(id) ?? [],
      ),
    }));
  }

  /** Forgets all terms: SQLite may reuse the ids of deleted ones. */
  forget(): void {
    this.#terms.clear();
  }

  #termOf(id: number): Term | undefined {
    const known = this.#terms.get(id);
    if (known !== undefined) return known;
    const row = this.#term.get(id) as Row | undefined;
    if (row === undefined) return undefined;
    const value = row['value'] as string | number;
    const term: Term = {
      kind: row['kind'] as string,
      key: row['key'] as string,
      value: row['type'] === 'boolean' ? value === 1 : value,
    };
    if (this.#terms.size >= MAX_REMEMBERED) this.#terms.clear();
    this.#terms.set(id, term);
    return term;
  }
}
