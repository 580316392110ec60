import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { APPLICATION_ID, SCHEMA_VERSION, TABLES } from './schema.ts';

/** The store's file cannot be used. It was not changed; the message tells what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The first `node:sqlite` that needs no flag. */
const NEEDED_NODE = '22.13.0';
/** Larger files are not checked; that would delay the start by seconds. */
const CHECKED_BYTES = 64 * 1024 * 1024;
const MAGIC = 'SQLite format 3\0';

/**
 * Opens the store's database and creates its tables when the file is new.
 *
 * @param file a path, or `:memory:`
 * @throws {StoreError} when Node is too old, or the file is damaged, locked, or of another program
 */
export function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync } = sqlite();
  if (file !== ':memory:') refuseForeignFile(file);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    prepareDatabase(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof StoreError ? error : explained(error, file);
  }
}

function sqlite(): typeof import('node:sqlite') {
  const module = withoutExperimentalWarning(() => process.getBuiltinModule?.('node:sqlite'));
  if (module === undefined) {
    throw new StoreError(
      `the local X-Ray needs Node ${NEEDED_NODE} or newer (node:sqlite); this is Node ${process.versions.node}`,
    );
  }
  return module;
}

/** Suppresses the experimental warning for SQLite of Node 22; users cannot act on it. */
function withoutExperimentalWarning<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Reads the first bytes only, so that SQLite never opens another kind of file. */
function refuseForeignFile(file: string): void {
  if (!existsSync(file)) return;
  if (!statSync(file).isFile()) throw new StoreError(`${file} is not a file`);
  const start = Buffer.alloc(16);
  const handle = openSync(file, 'r');
  const length = readSync(handle, start, 0, 16, 0);
  closeSync(handle);
  if (length > 0 && start.toString('latin1') !== MAGIC) {
    throw new StoreError(
      `${file} is not a store of otel-xray: it is not an SQLite file. The file was not changed; use another file.`,
    );
  }
}

function prepareDatabase(db: DatabaseSync, file: string): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 500;');
  const version = number(db, 'user_version');
  const isNew = number(db, 'schema_version') === 0;
  if (!isNew && number(db, 'application_id') !== APPLICATION_ID) {
    throw new StoreError(
      `${file} is a database of another program. The file was not changed; use another file.`,
    );
  }
  if (!isNew && version !== SCHEMA_VERSION) {
    throw new StoreError(
      `${file} was written by another version of otel-xray (format ${version}, this one writes ${SCHEMA_VERSION}). The file was not changed; use another file.`,
    );
  }
  if (!isNew && file !== ':memory:' && statSync(file).size <= CHECKED_BYTES) {
    const found = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    if (found.quick_check !== 'ok') throw new StoreError(broken(file, found.quick_check));
  }
  // A killed process loses nothing that was committed. Do not wait for the disk:
  // the wait would block this thread, and datagrams would be lost meanwhile.
  if (file !== ':memory:') db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
  db.exec('PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;');
  // This write takes the lock now, so that a second process fails at its start.
  db.exec('BEGIN IMMEDIATE');
  if (isNew) {
    db.exec(TABLES);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
  }
  db.exec('COMMIT');
}

function number(db: DatabaseSync, pragma: string): number {
  const row = db.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>;
  return row[pragma] ?? 0;
}

/** SQLite's result codes, lowest byte. */
const SQLITE = { busy: 5, locked: 6, readOnly: 8, corrupt: 11, cannotOpen: 14, notADatabase: 26 };

function explained(error: unknown, file: string): StoreError {
  const { errcode, message } = error as { errcode?: number; message: string };
  const code = (errcode ?? 0) & 0xff;
  const text =
    code === SQLITE.busy || code === SQLITE.locked
      ? `${file} is in use by another process, perhaps another otel-xray dev. The file was not changed.`
      : code === SQLITE.corrupt || code === SQLITE.notADatabase
        ? broken(file, message)
        : code === SQLITE.cannotOpen
          ? `${file} cannot be opened: does its folder exist?`
          : `${file}: ${message}`;
  return new StoreError(text, { cause: error });
}

function broken(file: string, message: string): string {
  return `${file} is damaged (${message}). The file was not changed; move it away, or use another file.`;
}
