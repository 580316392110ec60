/** `23505`, `42P01`, `11000`, `5`: numbers of databases, gRPC and `DOMException`. */
const BARE_CODE = /^\d[\dA-Z]{0,9}$/;
/** `TimeoutError: message`, `TypeError [ERR_X]: message`, `Error` alone. */
const HEADER = /^([A-Za-z_$][\w$.]{0,100})(?: \[[^\]\n]{1,100}\])?(?:: |:?\r?(?:\n|$))/;

/** Returns whether a text is an error number, which has no meaning without the name of the system. */
export function isBareCode(text: string): boolean {
  return BARE_CODE.test(text);
}

/**
 * Returns the class name that a stack text starts with.
 *
 * The OpenTelemetry SDK records the `code` of an error as its type if there is one.
 */
export function classNameOf(stack: unknown): string | undefined {
  return typeof stack === 'string' ? HEADER.exec(stack)?.[1] : undefined;
}

/** Codes of Node.js, undici and clients for connections that failed, pools, and work that this process aborted. */
const LOCAL_CODE = new RegExp(
  `^(?:${[
    'E(?:CONN(?:REFUSED|RESET|ABORTED|CLOSED)|NOTFOUND|AI_[A-Z]+|TIMEDOUT|TIMEOUT|SOCKET|SOCKETTIMEDOUT)',
    'E(?:HOST(?:UNREACH|DOWN)|NET(?:UNREACH|DOWN)|PIPE|ADDR(?:NOTAVAIL|INUSE)|MFILE|NOENT|ACCES|PROTO)',
    'E(?:NOTOPEN|NOCONN|CANCEL|CANCELED|ABORT)',
    'UND_ERR_\\w+|ERR_\\w+',
    'CERT_\\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\\w+',
    // mysql and mysql2
    'POOL_\\w+|PROTOCOL_\\w+|HANDSHAKE_\\w+',
    // postgres.js
    'CONNECTION_(?:CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT',
    // redis 3
    'NR_CLOSED|UNCERTAIN_STATE|CONNECTION_BROKEN',
    // the MariaDB connector, whose own codes look like those of the server
    'ER_(?:GET_CONNECTION_TIMEOUT|POOL_\\w+|SOCKET_\\w+|CONNECTION_(?:ALREADY_CLOSED|TIMEOUT)|CMD_\\w+)',
    // oracledb
    'NJS-\\d+',
  ].join('|')})$`,
);
const LOCAL_MESSAGE =
  /^(?:(?:connect|getaddrinfo|read|write|socket|queryA+) E[A-Z_]+\b|socket hang up$|1 CANCELLED: Cancelled on client|4 DEADLINE_EXCEEDED: Deadline exceeded after|14 UNAVAILABLE: (?:No connection established|Name resolution failed|Connection dropped))/;
/** Errors of the language, of aborted work, and of clients whose call got no response. */
const LOCAL_TYPES: ReadonlySet<string> = new Set([
  'AbortError',
  'CanceledError',
  'TimeoutError',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  // clients of OpenAI and Anthropic
  'APIConnectionError',
  'APIConnectionTimeoutError',
  'APIUserAbortError',
  // AWS SDK
  'CredentialsProviderError',
  'EndpointError',
  'TokenProviderError',
  // ioredis
  'ClusterAllFailedError',
  'MaxRetriesPerRequestError',
  // knex
  'KnexTimeoutError',
  // redis
  'ClientClosedError',
  'ClientOfflineError',
  'CommandTimeoutDuringMaintenanceError',
  'ConnectionTimeoutError',
  'DisconnectsClientError',
  'ReconnectStrategyError',
  'RootNodesUnavailableError',
  'SocketClosedUnexpectedlyError',
  'SocketTimeoutDuringMaintenanceError',
  'SocketTimeoutError',
  // Cassandra
  'BusyConnectionError',
  'NoHostAvailableError',
  'OperationTimedOutError',
  // Elasticsearch and OpenSearch
  'ConnectionError',
  'NoLivingConnectionsError',
  'RequestAbortedError',
  // KafkaJS
  'KafkaJSConnectionClosedError',
  'KafkaJSConnectionError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSRequestTimeoutError',
]);
/** Errors of the MongoDB driver, except those that the server sent. */
const MONGO_CLIENT_TYPE =
  /^(?:Mongo(?!(?:Server|BulkWrite|ClientBulkWrite|WriteConcern)?Error$)|PoolCle|PoolClosed|WaitQueueTimeout|BSON)\w*Error$/;
/**
 * Systems whose Node.js drivers give each error of the server a class or a code of its own. An `Error`
 * without such a code was raised by the driver (`Connection is closed.`, `Pool is closed.`). The class
 * is not recorded if its `name` is `Error`, as for Redis, where messages of the server start with a code.
 */
const TYPED_SYSTEMS: ReadonlySet<string> = new Set([
  'mariadb',
  'mongodb',
  'mysql',
  'postgresql',
  'redis',
]);

/** What the client of memcached raises: its errors have no class of their own. */
const MEMCACHED_CLIENT =
  /^(?:Server at \S+ not available$|The (?:key|length of the value|connection pool|#factory) |Argument "|Timed out while trying )/;

/** `ERR value is not an integer`, `WRONGTYPE Operation against a key`. */
const REDIS_CODE = /^-?[A-Z]{2,}\d* /;

/** What {@link isLocal} uses of an exception. */
export interface RaisedException {
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly code: string | undefined;
}

/**
 * Returns whether an exception was raised by this process, and not by a response of the called service.
 *
 * @param system system of the database, if a database was called
 * @see docs/spec/translation.md section 4.3, B-48
 */
export function isLocal(
  { type, message, code }: RaisedException,
  system: string | undefined,
): boolean {
  return (
    (type !== undefined && (LOCAL_TYPES.has(type) || LOCAL_CODE.test(type))) ||
    (type !== undefined && MONGO_CLIENT_TYPE.test(type)) ||
    (code !== undefined && LOCAL_CODE.test(code)) ||
    (message !== undefined && LOCAL_MESSAGE.test(message)) ||
    (system === 'memcached' && MEMCACHED_CLIENT.test(message ?? '')) ||
    (type === 'Error' &&
      code === undefined &&
      TYPED_SYSTEMS.has(system ?? '') &&
      !REDIS_CODE.test(message ?? ''))
  );
}
