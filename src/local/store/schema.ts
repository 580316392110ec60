/** Says whose file it is; `otXR`. */
export const APPLICATION_ID = 0x6f745852;
/** Raised with every change of the tables below. */
export const SCHEMA_VERSION = 1;

/**
 * `document` holds what arrived, word for word; all other columns and tables are derived from it
 * and can be made again.
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
  stale INTEGER NOT NULL
);
CREATE TABLE document (
  seq INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  open INTEGER NOT NULL,
  arrived REAL NOT NULL,
  via TEXT NOT NULL
);
CREATE UNIQUE INDEX document_of_trace ON document (trace, id);
`;
