import { bareHost } from './host.ts';
import { decoded, integerOf, memoize } from './text.ts';
import { REDACTED } from './url.ts';

/** Maximum length of a connection string. Limits the work for malicious input. */
const MAX_LENGTH = 4_096;

/**
 * Returns a connection string without credentials (B-25).
 *
 * Understands URLs (`mysql://user:password@host/db`, also with `jdbc:` in front and with characters
 * in the password that should have been encoded), the same without a scheme
 * (`user:password@tcp(host:1)/db`, `user/password@host:1521/service`), and lists of parameters
 * (`Server=host;Password={a;b}`, `host=h password='a b'`).
 *
 * Where a text can be read in two ways, the reading that removes more wins: an unquoted password
 * ends at the next parameter that is known to hold no secret, and user info ends at the last `@`.
 */
export const redactConnectionString: (text: string) => string = memoize((whole) => {
  const limited = whole.slice(0, MAX_LENGTH);
  const isBare = credentialsStart(limited) === 0;
  const text = redactParameters(limited, isBare ? isExactSecretName : isSecretName);
  const start = credentialsStart(text);
  if (start === undefined) return withoutUserInfoInValues(text);
  const at = lastCredentialsAt(text, start);
  if (at !== -1) {
    const keepsAt = ORACLE.test(text.slice(0, start));
    return text.slice(0, start) + text.slice(keepsAt ? at : at + 1);
  }
  return text.startsWith('//', start - 2) && !hasPorts(text.slice(start))
    ? text.slice(0, start) + REDACTED
    : text;
});

/** A parameter: a separator, a name, an equals sign. Names may contain spaces, e.g. `User ID`. */
const PARAMETER = /(^|[;?&,()\s])\s*([A-Za-z][\w .-]{0,60}?)\s*=\s*/g;

/** Names are compared in lower case without spaces, underscores, hyphens and dots. */
const SECRET_NAME =
  /(?:password|passwd|passphrase|pwd|secret|token|accesskey|accountkey|apikey|privatekey|signature|credentials?)\d*$|^(?:pass|sig|sas|authmechanismproperties)$/;

/**
 * A password may look like a parameter (`user:,mypwd=@host`), so only these names start a secret where
 * there is no scheme, and end another one.
 */
const EXACT_SECRET_NAMES: ReadonlySet<string> = new Set(
  `password passwd passphrase pwd pass secret token sig accesskey accountkey sharedaccesskey
   apikey sslpassword clientsecret`.split(/\s+/),
);

const isSecretName = (name: string): boolean => SECRET_NAME.test(name);
const isExactSecretName = (name: string): boolean => EXACT_SECRET_NAMES.has(name);

const PLAIN_NAMES: ReadonlySet<string> = new Set(
  `server host hostname hostaddr address addr networkaddress datasource port database databasename
   dbname initialcatalog catalog schema currentschema searchpath servicename sid user userid uid username
   driver dsn provider protocol encrypt trustservercertificate ssl sslmode sslrootcert sslcert sslkey
   usessl requiressl tls tlsinsecure tlscafile integratedsecurity trustedconnection
   persistsecurityinfo authentication connectiontimeout connecttimeout commandtimeout timeout
   sockettimeout statementtimeout applicationname appname workstationid multipleactiveresultsets
   multisubnetfailover applicationintent failoverpartner attachdbfilename pooling minpoolsize
   maxpoolsize charset characterset characterencoding useunicode collation authsource authmechanism
   replicaset retrywrites readpreference directconnection servername defaultdatabase abortconnect
   allowadmin clientname keepalive options targetsessionattrs timezone servertimezone parsetime
   accountname endpoint endpointsuffix defaultendpointsprotocol sharedaccesskeyname entitypath
   warehouse role account region`.split(/\s+/),
);

/** Their values may contain an `@`, which then does not end credentials. */
const WITH_AT =
  /^\s*(?:user|userid|user id|user_id|uid|username|user name|appname|application ?name)\s*=[^=]*$/i;

function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, '');
}

function redactParameters(text: string, isSecret: (name: string) => boolean): string {
  let result = '';
  let done = 0;
  for (const found of text.matchAll(PARAMETER)) {
    const value = found.index + found[0].length;
    if (value < done || !isSecret(plainName(found[2] ?? ''))) continue;
    const end = secretEnd(text, value);
    if (end === value) continue;
    result += text.slice(done, value) + REDACTED;
    done = end;
  }
  return result + text.slice(done);
}

/** Returns the end of a secret: after its quotes, or at the next parameter with a known name. */
function secretEnd(text: string, start: number): number {
  const next = new RegExp(PARAMETER);
  // The separator may be the character at `start` itself, when the value is empty.
  next.lastIndex = quotesEnd(text, start);
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const name = plainName(found[2] ?? '');
    // Not at each name that looks like that of a secret: `password=&mypwd=&ssl=true`.
    if (PLAIN_NAMES.has(name) || EXACT_SECRET_NAMES.has(name)) return found.index;
    // The name may begin inside what was read as one: `b port=1` after `password=a`.
    next.lastIndex = found.index + 1;
  }
  return text.length;
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '{': '}' };

/** Returns the index after a quoted value, in which quotes may be doubled or escaped; else `start`. */
function quotesEnd(text: string, start: number): number {
  const closing = CLOSING[text.charAt(start)];
  if (closing === undefined) return start;
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\' && closing !== '}') i += 1;
    else if (text[i] === closing && text[i + 1] === closing) i += 1;
    else if (text[i] === closing) return i + 1;
  }
  return text.length;
}

/** Only JDBC and R2DBC chain schemes; `user:secret://@host` has a password before the slashes. */
const AUTHORITY = /^\s*(?:(?:jdbc|r2dbc):(?:[a-z][\w+.-]*:)*|[a-z][\w+.-]*:)?\/\//i;
const ORACLE = /^\s*(?:jdbc:)?oracle:[a-z0-9]+:$/i;
const PREFIX = /^\s*jdbc:(?:oracle:[a-z0-9]+:|[a-z0-9]+:)?/i;
const PARAMETER_LIST = /^\s*[A-Za-z][\w .-]*=/;

/** Returns the index where credentials would start; `undefined` for a list of parameters. */
function credentialsStart(text: string): number | undefined {
  const found = AUTHORITY.exec(text) ?? PREFIX.exec(text);
  if (found !== null) return found[0].length;
  return PARAMETER_LIST.test(text) ? undefined : 0;
}

/** Returns the index of the last `@` outside user names in parameters; -1 if there is none. */
function lastCredentialsAt(text: string, start: number): number {
  for (let at = text.lastIndexOf('@'); at >= start; at = text.lastIndexOf('@', at - 1)) {
    const before = text.slice(start, at);
    const separator = Math.max(...[...';?&,( '].map((char) => before.lastIndexOf(char)));
    if (!WITH_AT.test(before.slice(separator + 1))) return at;
    if (at === 0) break;
  }
  return -1;
}

/** Returns whether what follows the colons of an authority can be ports. */
function hasPorts(text: string): boolean {
  const [authority = ''] = text.split(/[/?#;]/, 1);
  return authority
    .split(',')
    .every(
      (host) => host.includes(']') || /^[^:]*(?::\d*)?$/.test(host) || /^[\da-f:]+$/i.test(host),
    );
}

function withoutUserInfoInValues(text: string): string {
  return text.replace(/(:\/\/)[^\s;,&"']*@/g, '$1');
}

/** The parts of a connection string that a document contains. */
export interface ConnectionParts {
  /** In lower case, without brackets; of several hosts the first. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
}

const NO_PARTS: ConnectionParts = { host: undefined, port: undefined, database: undefined };

const HOST_NAMES = names('server host hostname hostaddr datasource address addr networkaddress');
const PORT_NAMES = names('port');
const DATABASE_NAMES = names('database databasename dbname initialcatalog');

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/**
 * Returns the host, port and database in a connection string.
 *
 * @param text without credentials, as {@link redactConnectionString} returns it
 */
export const connectionParts: (text: string) => ConnectionParts = memoize((text) => {
  const parameters = parametersOf(text);
  const database = firstOf(parameters, DATABASE_NAMES);
  const server = firstOf(parameters, HOST_NAMES);
  if (PARAMETER_LIST.test(text)) {
    const { host, port } = hostAndPort(server ?? '', ',');
    return { host, port: integerOf(firstOf(parameters, PORT_NAMES)) ?? port, database };
  }
  const found = ADDRESSES.map((pattern) => pattern.exec(text.trim())).find(
    (match) => match !== null,
  );
  if (found === undefined) return NO_PARTS;
  const address = found[1] ?? '';
  const { host, port } = address.includes('(')
    ? hostAndPort(server ?? '', ':')
    : hostAndPort(address.split(',', 1)[0] ?? '', ':');
  return { host, port, database: database ?? nonEmpty(decoded(found[2] ?? '')) };
});

/** Each captures an address and a database. */
const ADDRESSES: readonly RegExp[] = [
  /^(?:[A-Za-z][\w+.-]*:)*\/\/([^/?#;]*)(?:\/([^/?#;]*))?/,
  /^(?:jdbc:)?oracle:\w+:@(?:\/\/)?([^/?#;:]*(?::\d+)?)(?:[/:]([^/?#;]*))?/i,
  /^tcp6?\(([^)]*)\)(?:\/([^/?#;]*))?/,
  /^((?:\[[\da-fA-F:.]+\]|[\w.-]+):\d+)(?:\/([^/?#;]*))?/,
];

/**
 * Returns host and port of a server address: `host`, `host:1433`, `[::1]:1433`, `host,1433`,
 * `tcp:host\\instance,1433`.
 */
export const databaseAddress: (text: string) => Omit<ConnectionParts, 'database'> = memoize(
  (text) => hostAndPort(text, text.includes(',') ? ',' : ':'),
);

function hostAndPort(text: string, separator: ',' | ':'): Omit<ConnectionParts, 'database'> {
  const bare = text.trim().replace(/^(?:tcp|np|lpc|admin):/i, '');
  const isIPv6 = !bare.includes(']') && bare.indexOf(':') !== bare.lastIndexOf(':');
  const at = isIPv6 ? -1 : bare.lastIndexOf(separator);
  const port = at === -1 ? undefined : integerOf(bare.slice(at + 1));
  const host = port === undefined ? bare : bare.slice(0, at);
  return { host: nonEmpty(bareHost(host.replace(/\\.*$/, ''))), port };
}

function nonEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim();
}

function parametersOf(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(PARAMETER)];
  return new Map(
    found.map((match, i) => {
      const value = text.slice(match.index + match[0].length, found[i + 1]?.index);
      return [
        plainName(match[2] ?? ''),
        value.replace(/[;&)\s]+$/, '').replace(/^(["'])(.*)\1$/, '$2'),
      ];
    }),
  );
}

function firstOf(
  parameters: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string>,
): string | undefined {
  for (const [name, value] of parameters) if (wanted.has(name) && value !== '') return value;
  return undefined;
}
