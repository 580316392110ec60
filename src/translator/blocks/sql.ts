import { KEY_GROUP } from '../context/attribute-keys.ts';
import { type AttributeReader, names } from '../context/attributes.ts';
import type { Settings } from '../context/options.ts';
import type { SpanTraits } from '../context/span-traits.ts';
import type { SqlBlock } from '../document.ts';
import { LIMITS } from '../limits.ts';
import {
  connectionParts,
  databaseAddress,
  redactConnectionString,
} from '../values/connection-string.ts';
import { bareHost, urlHost } from '../values/host.ts';
import { withoutLiterals } from '../values/sql-text.ts';
import { integerOf, memoize } from '../values/text.ts';
import { isUrl, redactUrlsIn } from '../values/url.ts';

const NAMES = {
  system: names('db.system.name', 'db.system'),
  user: names('db.user'),
  query: names('db.query.text', 'db.statement'),
  database: names('db.namespace', 'db.name'),
  host: names('server.address', 'net.peer.name'),
  port: names('server.port', 'net.peer.port'),
  connection: names('db.connection_string'),
  plan: names('db.postgresql.plan'),
  databaseVersion: names('aws.xray.sql.database_version'),
  driverVersion: names('aws.xray.sql.driver_version'),
} as const;

/**
 * Systems that use SQL. The console shows a node with this block as "Database::SQL", so no other
 * system may have it.
 */
const SQL_SYSTEMS: ReadonlySet<string> = new Set(
  `db2 derby hive mariadb mssql mysql oracle postgresql sqlite teradata other_sql
   ibm.db2 microsoft.sql_server oracle.db mssqlcompact cockroachdb trino clickhouse redshift
   aws.redshift gcp.spanner spanner h2 h2database hsqldb sap.hana hanadb sap.maxdb maxdb firebird
   firebirdsql informix sybase vertica netezza actian.ingres ingres progress edb`.split(/\s+/),
);

/** Schemes of database URLs that differ from the name of the system. */
const SCHEMES: Readonly<Record<string, string>> = {
  'microsoft.sql_server': 'sqlserver',
  mssql: 'sqlserver',
  'oracle.db': 'oracle',
  'ibm.db2': 'db2',
  'aws.redshift': 'redshift',
  'gcp.spanner': 'spanner',
  'sap.hana': 'hana',
  'sap.maxdb': 'maxdb',
  'actian.ingres': 'ingres',
  other_sql: 'sql',
};

/**
 * Builds the `sql` block of a subsegment.
 *
 * @param spanName used as URL if no host is known
 * @returns `undefined` if the span is not an SQL call; its attributes are then not consumed
 * @see docs/spec/translation.md section 6
 */
export function sqlBlock(
  reader: AttributeReader,
  traits: SpanTraits,
  spanName: string,
  settings: Settings,
): SqlBlock | undefined {
  const system = traits.dbSystem?.toLowerCase();
  if (system === undefined || !SQL_SYSTEMS.has(system)) return undefined;
  const preparation = preparationOf(reader);
  const connection = connectionOf(reader);
  return {
    url: connection?.url ?? builtUrl(reader, system) ?? urlFromName(reader, spanName),
    connection_string: connection?.text,
    sanitized_query: settings.recordSqlQuery ? queryText(reader, system, settings) : undefined,
    database_type: reader.take(NAMES.system, LIMITS.short),
    database_version: reader.take(NAMES.databaseVersion, LIMITS.short),
    driver_version: reader.take(NAMES.driverVersion, LIMITS.short),
    user: reader.take(NAMES.user, LIMITS.short),
    preparation,
  };
}

/**
 * Returns `db.connection_string` without credentials: a URL goes to `url`, any other form stays
 * (B-25, B-40).
 */
function connectionOf(
  reader: AttributeReader,
): { readonly url?: string; readonly text?: string } | undefined {
  const raw = reader.peekText(NAMES.connection);
  if (raw === undefined) return undefined;
  reader.consumeEqual(NAMES.connection, raw);
  const text = redactConnectionString(raw.trim());
  if (text === '') return undefined;
  const shown = isUrl(text) ? withDatabase(text, reader.peekText(NAMES.database)) : text;
  useWhatItNames(reader, shown);
  const cut = reader.truncate(shown, LIMITS.url, 'db.connection_string');
  return isUrl(text) ? { url: cut } : { text: cut };
}

/** Adds the database of the span to a connection URL without one. */
function withDatabase(url: string, database: string | undefined): string {
  if (database === undefined || connectionParts(url).database !== undefined) return url;
  const found = /^([A-Za-z][\w+.:-]*:\/\/[^/?#;]+)\/?(?=[?#]|$)/.exec(url);
  return found === null ? url : `${found[1]}/${encodedName(database)}${url.slice(found[0].length)}`;
}

/** Consumes host, port and database if they are the same in the connection string (B-03). */
function useWhatItNames(reader: AttributeReader, text: string): void {
  const named = connectionParts(text);
  const host = reader.peekText(NAMES.host);
  if (host !== undefined && databaseAddress(host).host === named.host)
    reader.consumeEqual(NAMES.host, host);
  const port = integerOf(reader.peek(NAMES.port));
  if (port !== undefined && port === named.port) reader.takeInteger(NAMES.port, 1, 65_535);
  const database = reader.peekText(NAMES.database);
  if (database !== undefined && database === named.database)
    reader.consumeEqual(NAMES.database, database);
}

function builtUrl(reader: AttributeReader, system: string): string | undefined {
  const host = reader.peekText(NAMES.host);
  if (host === undefined) return undefined;
  const address = databaseAddress(host);
  const shown = shownHost(address.host ?? '');
  if (shown === '') return undefined;
  reader.consumeEqual(NAMES.host, host);
  const port = reader.takeInteger(NAMES.port, 1, 65_535) ?? address.port;
  const database = reader.peekText(NAMES.database);
  if (database !== undefined) reader.consumeEqual(NAMES.database, database);
  const scheme = SCHEMES[system] ?? system;
  const url = `${scheme}://${shown}${port === undefined ? '' : `:${port}`}${
    database === undefined ? '' : `/${encodedName(database)}`
  }`;
  return reader.truncate(url, LIMITS.url, 'sql.url');
}

/** Memoized, because an application has few hosts and databases. */
const shownHost = memoize((host) =>
  urlHost(bareHost(host).replace(/[\s/?#@]/gu, encodeURIComponent)),
);
const encodedName = memoize((name) => name.replace(/[\s?#@]/gu, encodeURIComponent));

function urlFromName(reader: AttributeReader, spanName: string): string | undefined {
  const text = redactUrlsIn(spanName.trim());
  return text === '' ? undefined : reader.truncate(text, LIMITS.url, 'sql.url');
}

/** Returns the query text; its literals are replaced unless `recordSqlLiterals` is set (B-51). */
function queryText(
  reader: AttributeReader,
  system: string,
  { recordSqlLiterals }: Settings,
): string | undefined {
  if (recordSqlLiterals) return reader.take(NAMES.query, LIMITS.text);
  const show = (text: string) => withoutLiterals(text, system);
  return reader.takeMapped(NAMES.query, LIMITS.text, 'db.query.text', show);
}

function preparationOf(reader: AttributeReader): 'statement' | 'call' | undefined {
  if (reader.has(NAMES.plan) || reader.hasGroup(KEY_GROUP.parameter)) return 'statement';
  const query = reader.peekText(NAMES.query);
  return query !== undefined && /^\s*(?:call|exec|execute)\b/i.test(query) ? 'call' : undefined;
}
