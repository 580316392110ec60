/** Marks the file as ours; `otXR`. */
export const APPLICATION_ID = 0x6f745852;
/** Raised with every change of the tables below. */
export const SCHEMA_VERSION = 1;

/**
 * `document` holds the received texts; all other columns and tables are derived from it
 * and can be rebuilt.
 *
 * Times are epoch seconds.
 */
export const TABLES = `
CREATE TABLE trace (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  arrived REAL NOT NULL,
  changed REAL NOT NULL,
  revision INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  start REAL,
  "end" REAL,
  duration REAL,
  response REAL,
  flags_true INTEGER,
  flags_false INTEGER,
  terms TEXT
);
CREATE INDEX trace_by_start ON trace (start, key, "end", duration, response, flags_true, flags_false);
CREATE INDEX stale_trace ON trace (key) WHERE stale = 1;
CREATE TABLE document (
  seq INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  open INTEGER NOT NULL,
  arrived REAL NOT NULL,
  via TEXT NOT NULL,
  span TEXT
);
CREATE UNIQUE INDEX document_of_trace ON document (trace, id);
CREATE TABLE term (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  value NOT NULL
);
CREATE UNIQUE INDEX term_by_value ON term (kind, key, type, value);
CREATE TABLE posting (
  term INTEGER NOT NULL,
  trace INTEGER NOT NULL,
  PRIMARY KEY (term, trace)
) WITHOUT ROWID;
CREATE TABLE contribution (trace INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE setting (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
`;
