import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import type { ArrivedDocument } from '../trace/assemble.ts';
import { openDatabase } from './open.ts';

/** How a document came in. */
export type Via = 'udp' | 'api' | 'otlp' | 'replay';

export interface NewDocument {
  readonly traceId: string;
  readonly id: string;
  readonly record: JsonObject;
  /** The text that arrived. */
  readonly body: string;
  readonly via: Via;
}

export interface StoredTrace {
  readonly id: string;
  /** 1 with the first document, one more with each change. */
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
}

/** What the store holds now. */
export interface StoreSize {
  readonly traces: number;
  readonly documents: number;
  readonly bytes: number;
}

type Row = Record<string, unknown>;

/** The documents of all traces, in SQLite. All calls are synchronous; one `put` is one transaction. */
export class Store {
  readonly #db: DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>;
  readonly #keep: { readonly traces: number; readonly bytes: number };
  #size: { traces: number; documents: number; bytes: number };

  /** @param file a path, or `:memory:` */
  constructor(file: string, keep: { readonly traces: number; readonly bytes: number }) {
    this.#db = openDatabase(file);
    this.#keep = keep;
    this.#sql = Object.fromEntries(
      Object.entries(STATEMENTS).map(([name, text]) => [name, this.#db.prepare(text)]),
    ) as Record<keyof typeof STATEMENTS, StatementSync>;
    this.#size = this.#sql.size.get() as unknown as StoreSize;
  }

  get size(): StoreSize {
    return this.#size;
  }

  /**
   * Stores documents, all or none. What is returned from here is on the disk's side of the process:
   * a killed process loses nothing of it.
   *
   * @param now epoch seconds
   * @returns ids of the traces that changed
   */
  put(documents: readonly NewDocument[], now: number): readonly string[] {
    const changed = new Set<string>();
    this.#transaction(() => {
      for (const document of documents) {
        if (this.#putOne(document, now)) changed.add(document.traceId);
      }
      this.#evict();
    });
    return [...changed];
  }

  trace(id: string): StoredTrace | undefined {
    const row = this.#sql.traceById.get(id) as Row | undefined;
    if (row === undefined) return undefined;
    const documents = this.#sql.documentsOf.all(row['key'] as number) as Row[];
    return {
      id,
      revision: row['revision'] as number,
      bytes: row['bytes'] as number,
      arrived: row['arrived'] as number,
      changed: row['changed'] as number,
      documents: documents.map((each) => ({
        seq: each['seq'] as number,
        id: each['id'] as string,
        body: each['body'] as string,
        via: each['via'] as Via,
        arrived: each['arrived'] as number,
        record: asObject(parseJson(each['body'] as string)) ?? {},
      })),
    };
  }

  /** Ids of the traces, in the order in which their first documents arrived. */
  traceIds(): readonly string[] {
    return (this.#sql.traceIds.all() as Row[]).map((row) => row['id'] as string);
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #putOne({ traceId, id, record, body, via }: NewDocument, now: number): boolean {
    const open = record['in_progress'] === true ? 1 : 0;
    const trace = this.#sql.traceById.get(traceId) as Row | undefined;
    const known = trace && (this.#sql.documentById.get(trace['key'] as number, id) as Row);
    // A document in progress never replaces a complete one, whatever came first.
    if (known && (known['body'] === body || (open === 1 && known['open'] === 0))) return false;
    const growth = Buffer.byteLength(body) - Buffer.byteLength((known?.['body'] as string) ?? '');
    let key = trace?.['key'] as number | bigint | undefined;
    if (key === undefined) {
      key = this.#sql.addTrace.run(traceId, now, now, growth).lastInsertRowid;
      this.#size.traces += 1;
    } else this.#sql.touchTrace.run(now, growth, key);
    if (known) this.#sql.dropDocument.run(known['seq'] as number);
    else this.#size.documents += 1;
    this.#sql.addDocument.run(key, id, body, open, now, via);
    this.#size.bytes += growth;
    return true;
  }

  /** Lets the oldest traces go until the rest is within the bounds. */
  #evict(): void {
    while (
      this.#size.traces > 1 &&
      (this.#size.traces > this.#keep.traces || this.#size.bytes > this.#keep.bytes)
    ) {
      const oldest = this.#sql.oldest.get() as Row;
      const key = oldest['key'] as number;
      const documents = this.#sql.dropDocuments.run(key).changes;
      this.#sql.dropTrace.run(key);
      this.#size.traces -= 1;
      this.#size.documents -= Number(documents);
      this.#size.bytes -= oldest['bytes'] as number;
    }
  }

  #transaction(work: () => void): void {
    const before = { ...this.#size };
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      this.#size = before;
      throw error;
    }
  }
}

const STATEMENTS = {
  size: `SELECT count(*) AS traces, (SELECT count(*) FROM document) AS documents,
    coalesce(sum(bytes), 0) AS bytes FROM trace`,
  traceById: 'SELECT key, revision, bytes, arrived, changed FROM trace WHERE id = ?',
  traceIds: 'SELECT id FROM trace ORDER BY key',
  addTrace: `INSERT INTO trace (id, arrived, changed, revision, bytes, stale)
    VALUES (?, ?, ?, 1, ?, 1)`,
  touchTrace: `UPDATE trace SET changed = ?, revision = revision + 1, bytes = bytes + ?, stale = 1
    WHERE key = ?`,
  dropTrace: 'DELETE FROM trace WHERE key = ?',
  oldest: 'SELECT key, bytes FROM trace ORDER BY key LIMIT 1',
  documentById: 'SELECT seq, body, open FROM document WHERE trace = ? AND id = ?',
  documentsOf: 'SELECT seq, id, body, via, arrived FROM document WHERE trace = ? ORDER BY seq',
  addDocument: `INSERT INTO document (trace, id, body, open, arrived, via) VALUES (?, ?, ?, ?, ?, ?)`,
  dropDocument: 'DELETE FROM document WHERE seq = ?',
  dropDocuments: 'DELETE FROM document WHERE trace = ?',
} as const;
