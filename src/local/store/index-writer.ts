import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Derived, OVERFLOW, type Term } from './derive.ts';

/** Term ids remembered, so that common terms need no look-up. */
const MAX_REMEMBERED = 20_000;

/** Writes what is derived from traces: columns, terms, contributions to the trace map. */
export class IndexWriter {
  readonly #db: DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  readonly #termIds = new Map<string, number>();
  #overflow: boolean;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#sql = Object.fromEntries(
      Object.entries(STATEMENTS).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof STATEMENTS, StatementSync>;
    this.#overflow = this.#sql.overflow.get(OVERFLOW.kind) !== undefined;
  }

  /** Whether any trace had more terms than the index takes. */
  get hasOverflow(): boolean {
    return this.#overflow;
  }

  /** Inside a transaction of the caller. */
  write(key: number, derived: Derived): void {
    const before = this.#termsOf(key);
    const after = derived.terms.map((term) => this.#termId(term));
    const kept = new Set(after);
    for (const term of before) if (!kept.delete(term)) this.#sql.dropPosting.run(term, key);
    for (const term of kept) this.#sql.addPosting.run(term, key);
    this.#sql.setDerived.run(
      derived.start,
      derived.end,
      derived.duration,
      derived.response ?? null,
      derived.flagsTrue,
      derived.flagsFalse,
      JSON.stringify(after),
      key,
    );
    this.#sql.setContribution.run(key, JSON.stringify(derived.contribution));
  }

  /** Inside a transaction of the caller. */
  drop(key: number): void {
    for (const term of this.#termsOf(key)) this.#sql.dropPosting.run(term, key);
    this.#sql.dropContribution.run(key);
  }

  /** Deletes terms that no trace uses. */
  purgeTerms(): void {
    this.#termIds.clear();
    this.#db.exec('DELETE FROM term WHERE NOT EXISTS (SELECT 1 FROM posting WHERE term = term.id)');
  }

  /** Call after a rollback: ids assigned in the transaction are invalid. */
  forget(): void {
    this.#termIds.clear();
  }

  #termsOf(key: number): readonly number[] {
    const row = this.#sql.termsOf.get(key) as { terms: string | null } | undefined;
    return row?.terms ? (JSON.parse(row.terms) as number[]) : [];
  }

  #termId({ kind, key, value }: Term): number {
    const type = typeof value;
    const name = `${kind}\n${key}\n${type}\n${value}`;
    const known = this.#termIds.get(name);
    if (known !== undefined) return known;
    const stored = typeof value === 'boolean' ? Number(value) : value;
    const row = this.#sql.termId.get(kind, key, type, stored) as { id: number } | undefined;
    const id = row?.id ?? Number(this.#sql.addTerm.run(kind, key, type, stored).lastInsertRowid);
    if (kind === OVERFLOW.kind) this.#overflow = true;
    if (this.#termIds.size >= MAX_REMEMBERED) this.#termIds.clear();
    this.#termIds.set(name, id);
    return id;
  }
}

const STATEMENTS = {
  overflow: 'SELECT id FROM term WHERE kind = ? LIMIT 1',
  termId: 'SELECT id FROM term WHERE kind = ? AND key = ? AND type = ? AND value = ?',
  addTerm: 'INSERT INTO term (kind, key, type, value) VALUES (?, ?, ?, ?)',
  termsOf: 'SELECT terms FROM trace WHERE key = ?',
  addPosting: 'INSERT OR IGNORE INTO posting (term, trace) VALUES (?, ?)',
  dropPosting: 'DELETE FROM posting WHERE term = ? AND trace = ?',
  setDerived: `UPDATE trace SET stale = 0, start = ?, "end" = ?, duration = ?, response = ?,
    flags_true = ?, flags_false = ?, terms = ? WHERE key = ?`,
  setContribution: 'INSERT OR REPLACE INTO contribution (trace, body) VALUES (?, ?)',
  dropContribution: 'DELETE FROM contribution WHERE trace = ?',
} as const;
