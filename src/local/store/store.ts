import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import { type ArrivedDocument, assemble } from '../trace/assemble.ts';
import type { Contribution } from '../trace/contribution.ts';
import { DERIVATION, derive } from './derive.ts';
import { IndexReader, type IndexRow } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';
import { openDatabase } from './open.ts';
import { candidateQuery, type Page, type TraceQuery } from './query.ts';

/** How a document was received. */
export type Via = 'udp' | 'api' | 'otlp' | 'replay' | 'file';

export interface NewDocument {
  readonly traceId: string;
  readonly id: string;
  readonly record: JsonObject;
  /** The text as received. */
  readonly body: string;
  readonly via: Via;
  /** The OpenTelemetry span it was made from, in OTLP/JSON. */
  readonly span?: string | undefined;
}

export interface StoredTrace {
  readonly id: string;
  /** Starts at 1 and increases with each change. */
  readonly revision: number;
  /** Of all its documents as they arrived. */
  readonly bytes: number;
  /** Epoch seconds. */
  readonly arrived: number;
  readonly changed: number;
  readonly documents: readonly StoredDocument[];
}

export interface StoredDocument extends ArrivedDocument {
  readonly id: string;
  readonly body: string;
  readonly via: Via;
  readonly arrived: number;
  readonly span: string | undefined;
}

/** What the store holds now. */
export interface StoreSize {
  readonly traces: number;
  readonly documents: number;
  readonly bytes: number;
}

/** A trace that the index found. Its documents decide whether it matches. */
export interface Candidate extends Page {
  readonly id: string;
}

type Row = Record<string, unknown>;

/** Time spent on stale traces before a look-up, in milliseconds. */
const REFRESH_MS = 20;
/** Evictions between two deletions of unused terms. */
const PURGE_AFTER = 20_000;

/** The documents of all traces, in SQLite. All calls are synchronous; one `put` is one transaction. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  readonly #keep: { readonly traces: number; readonly bytes: number };
  readonly #index: IndexWriter;
  readonly #reader: IndexReader;
  /** Traces whose index is stale, in order of their last change. */
  readonly #stale = new Map<number, string>();
  #size: { traces: number; documents: number; bytes: number };
  #evicted = 0;
  #closed = false;

  /** @param file a path, or `:memory:` */
  constructor(file: string, keep: { readonly traces: number; readonly bytes: number }) {
    this.#db = openDatabase(file);
    this.#keep = keep;
    this.#sql = Object.fromEntries(
      Object.entries(STATEMENTS).map(([name, text]) => [name, this.#db.prepare(text)]),
    ) as Record<keyof typeof STATEMENTS, StatementSync>;
    this.#index = new IndexWriter(this.#db);
    this.#reader = new IndexReader(this.#db);
    if (this.setting('derivation') !== DERIVATION) {
      this.#sql.makeStale.run();
      this.setSetting('derivation', DERIVATION);
    }
    this.#size = { ...(this.#sql.size.get() as unknown as StoreSize) };
    for (const row of this.#sql.stale.all() as Row[]) {
      this.#stale.set(row['key'] as number, row['id'] as string);
    }
  }

  get size(): StoreSize {
    return this.#size;
  }

  /** Number of traces whose index is stale; {@link Store.refresh} updates them. */
  get behind(): number {
    return this.#stale.size;
  }

  /**
   * Stores documents in one transaction. Afterwards the operating system has them: a killed
   * process does not lose them.
   *
   * @param now epoch seconds
   * @returns ids of the traces that changed
   */
  put(documents: readonly NewDocument[], now: number): readonly string[] {
    const changed = new Map<number, string>();
    this.#transaction(() => {
      for (const document of documents) {
        const key = this.#putOne(document, now);
        if (key !== undefined) changed.set(key, document.traceId);
      }
      this.#evict();
    });
    for (const [key, id] of changed) {
      this.#stale.delete(key);
      this.#stale.set(key, id);
    }
    return [...changed.values()];
  }

  /**
   * Updates the index of stale traces.
   *
   * @param budgetMs returns after about this long; the rest waits for the next call
   * @returns how many traces were brought up to date
   */
  refresh(budgetMs: number = Number.POSITIVE_INFINITY): number {
    if (this.#stale.size === 0) return 0;
    const until = performance.now() + budgetMs;
    const done: number[] = [];
    this.#transaction(() => {
      for (const [key, id] of this.#stale) {
        done.push(key);
        const documents = this.#documentsOf(key);
        // It may have been evicted since.
        if (documents.length > 0) this.#index.write(key, derive(assemble(id, documents)));
        if (performance.now() >= until) break;
      }
    });
    for (const key of done) this.#stale.delete(key);
    return done.length;
  }

  trace(id: string): StoredTrace | undefined {
    const row = this.#sql.traceById.get(id) as Row | undefined;
    if (row === undefined) return undefined;
    return {
      id,
      revision: row['revision'] as number,
      bytes: row['bytes'] as number,
      arrived: row['arrived'] as number,
      changed: row['changed'] as number,
      documents: this.#documentsOf(row['key'] as number),
    };
  }

  /** Ids of the traces, in the order in which their first documents arrived. */
  traceIds(): readonly string[] {
    return (this.#sql.traceIds.all() as Row[]).map((row) => row['id'] as string);
  }

  /** Returns up to `limit` traces of a query that follow `after`, newest first. */
  candidates(query: TraceQuery, after: Page | undefined, limit: number): readonly Candidate[] {
    const { sql, parameters } = candidateQuery(query, after, this.#index.hasOverflow);
    const rows = this.#db.prepare(sql).all(...parameters, limit) as Row[];
    return rows.map((row) => ({
      id: row['id'] as string,
      start: row['start'] as number,
      key: row['key'] as number,
    }));
  }

  /** Whether a trace has more terms than the index takes, so that look-ups are not exact. */
  get hasOverflow(): boolean {
    return this.#index.hasOverflow;
  }

  /** Like {@link candidates}, with what the index has of the traces. */
  indexRows(query: TraceQuery, after: Page | undefined, limit: number): readonly IndexRow[] {
    return this.#reader.rows(query, after, limit, this.#index.hasOverflow);
  }

  /** Counts the traces of the time range between two positions, matching or not. */
  countBetween(query: TraceQuery, after: Page | undefined, last: Page | undefined): number {
    const { sql, parameters } = candidateQuery({ ...query, condition: undefined }, after, false);
    const upTo = last === undefined ? '' : ' WHERE (start, key) >= (?, ?)';
    const all = last === undefined ? parameters : [...parameters, -1, last.start, last.key];
    const row = this.#db
      .prepare(`SELECT count(*) AS count FROM (${sql})${upTo}`)
      .get(...(last === undefined ? [...parameters, -1] : all)) as Row;
    return row['count'] as number;
  }

  /** What a trace adds to the trace map. */
  contribution(key: number): Contribution | undefined {
    const row = this.#sql.contribution.get(key) as Row | undefined;
    return row && (JSON.parse(row['body'] as string) as Contribution);
  }

  /** Ids of traces that link to a trace, the oldest first. */
  linkedFrom(traceId: string, limit: number): readonly string[] {
    this.refresh(REFRESH_MS);
    return (this.#sql.linkedFrom.all(traceId, limit) as Row[]).map((row) => row['id'] as string);
  }

  /** Bytes of a trace's documents; 0 when there is none. */
  bytesOf(id: string): number {
    return ((this.#sql.traceById.get(id) as Row | undefined)?.['bytes'] as number) ?? 0;
  }

  /** Returns a setting of the service (rules, groups, …), which is stored beside the traces. */
  setting(name: string): unknown {
    const row = this.#sql.setting.get(name) as Row | undefined;
    return row && parseJson(row['body'] as string);
  }

  setSetting(name: string, value: unknown): void {
    this.#sql.setSetting.run(name, JSON.stringify(value));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#db.close();
  }

  #documentsOf(key: number): readonly StoredDocument[] {
    return (this.#sql.documentsOf.all(key) as Row[]).map((each) => ({
      seq: each['seq'] as number,
      id: each['id'] as string,
      body: each['body'] as string,
      via: each['via'] as Via,
      arrived: each['arrived'] as number,
      span: (each['span'] as string | null) ?? undefined,
      record: asObject(parseJson(each['body'] as string)) ?? {},
    }));
  }

  /** @returns the trace's key when something changed */
  #putOne({ traceId, id, record, body, via, span }: NewDocument, now: number): number | undefined {
    const open = record['in_progress'] === true ? 1 : 0;
    const trace = this.#sql.traceById.get(traceId) as Row | undefined;
    let key = trace?.['key'] as number | undefined;
    const known = key === undefined ? undefined : (this.#sql.documentById.get(key, id) as Row);
    // A document in progress never replaces a complete one, in either order.
    if (known && (known['body'] === body || (open === 1 && known['open'] === 0))) return undefined;
    const growth = Buffer.byteLength(body) - Buffer.byteLength((known?.['body'] as string) ?? '');
    if (key === undefined) {
      key = Number(this.#sql.addTrace.run(traceId, now, now, growth).lastInsertRowid);
      this.#size.traces += 1;
    } else this.#sql.touchTrace.run(now, growth, key);
    if (known) this.#sql.dropDocument.run(known['seq'] as number);
    else this.#size.documents += 1;
    this.#sql.addDocument.run(key, id, body, open, now, via, span ?? null);
    this.#size.bytes += growth;
    return key;
  }

  /** Deletes the oldest traces until the rest is within the limits. */
  #evict(): void {
    while (
      this.#size.traces > 1 &&
      (this.#size.traces > this.#keep.traces || this.#size.bytes > this.#keep.bytes)
    ) {
      const oldest = this.#sql.oldest.get() as Row;
      const key = oldest['key'] as number;
      this.#index.drop(key);
      const documents = this.#sql.dropDocuments.run(key).changes;
      this.#sql.dropTrace.run(key);
      this.#size.traces -= 1;
      this.#size.documents -= Number(documents);
      this.#size.bytes -= oldest['bytes'] as number;
      this.#evicted += 1;
      if (this.#evicted % PURGE_AFTER === 0) {
        this.#index.purgeTerms();
        this.#reader.forget();
      }
    }
  }

  #rollBack(): void {
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      // SQLite itself has rolled back, as it does when the disk is full.
    }
  }

  #transaction(work: () => void): void {
    const before = { ...this.#size };
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      this.#size = before;
      this.#index.forget();
      this.#reader.forget();
      throw error;
    }
  }
}

const STATEMENTS = {
  size: `SELECT count(*) AS traces, (SELECT count(*) FROM document) AS documents,
    coalesce(sum(bytes), 0) AS bytes FROM trace`,
  stale: 'SELECT key, id FROM trace WHERE stale = 1 ORDER BY key',
  traceById: 'SELECT key, revision, bytes, arrived, changed FROM trace WHERE id = ?',
  traceIds: 'SELECT id FROM trace ORDER BY key',
  makeStale: 'UPDATE trace SET stale = 1',
  linkedFrom: `SELECT trace.id AS id FROM term JOIN posting ON posting.term = term.id
    JOIN trace ON trace.key = posting.trace
    WHERE term.kind = 'link' AND term.key = ? ORDER BY trace.key LIMIT ?`,
  addTrace: `INSERT INTO trace (id, arrived, changed, revision, bytes, stale)
    VALUES (?, ?, ?, 1, ?, 1)`,
  touchTrace: `UPDATE trace SET changed = ?, revision = revision + 1, bytes = bytes + ?, stale = 1
    WHERE key = ?`,
  dropTrace: 'DELETE FROM trace WHERE key = ?',
  oldest: 'SELECT key, bytes FROM trace ORDER BY key LIMIT 1',
  documentById: 'SELECT seq, body, open FROM document WHERE trace = ? AND id = ?',
  documentsOf:
    'SELECT seq, id, body, via, arrived, span FROM document WHERE trace = ? ORDER BY seq',
  addDocument: `INSERT INTO document (trace, id, body, open, arrived, via, span)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  dropDocument: 'DELETE FROM document WHERE seq = ?',
  dropDocuments: 'DELETE FROM document WHERE trace = ?',
  contribution: 'SELECT body FROM contribution WHERE trace = ?',
  setting: 'SELECT body FROM setting WHERE name = ?',
  setSetting: 'INSERT OR REPLACE INTO setting (name, body) VALUES (?, ?)',
} as const;
