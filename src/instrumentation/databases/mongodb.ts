import { type Attributes, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-mongodb';
import { addFile } from '../loading/ranges.ts';
import { attempt } from '../wrap/guard.ts';
import { connectAttempt, noteRecorded, onRejection } from './failed-connects.ts';
import { mongoQueryText } from './mongo-query-text.ts';

const NAME = 'mongodb';
/** Versions whose operations are promises or take a callback. */
const VERSIONS = ['>=4.0.0 <8'];

type Handler = (this: unknown, error: unknown, result?: unknown) => unknown;
type AsyncMethod = (this: unknown, ...args: unknown[]) => unknown;

interface Namespace {
  readonly db?: string;
  readonly collection?: string;
}

/** A client of the driver, or an operation of one. */
interface Client {
  readonly s?: { readonly options?: { readonly hosts?: readonly Host[] } };
}
interface Operation {
  readonly ns?: Namespace;
  readonly commandName?: string;
}
interface Host {
  readonly host?: string;
  readonly port?: number;
}

interface WriteResult {
  readonly writeErrors?: readonly { readonly code?: number; readonly errmsg?: string }[];
  /** Of a response that the driver parses on demand. */
  toObject?(): WriteResult;
}

const WRITES: ReadonlySet<string | undefined> = new Set(['insert', 'update', 'delete']);

/** Private members of upstream's class that are changed here. */
interface UpstreamPatches {
  readonly tracer: Tracer;
  _wrap(target: object, name: string, wrapper: (original: AsyncMethod) => AsyncMethod): void;
  _getV4SpanAttributes(
    connection: unknown,
    ns: Namespace,
    command: Readonly<Record<string, unknown>>,
    operation: string,
  ): Attributes;
  _patchEnd(span: Span | undefined, handler: Handler, id?: unknown, command?: string): Handler;
}

/**
 * Upstream's instrumentation with five changes: errors are recorded as exceptions; so are write
 * errors, which the server sends in a successful response; the collection of a command is recorded
 * where the driver names only the database; operations that find no server have a span; and the text of
 * a command shows no internals of the driver.
 */
export class MongoDBInstrumentation extends upstream.MongoDBInstrumentation {
  constructor(config?: object) {
    super({ dbStatementSerializer: mongoQueryText, ...config });
    const plugin = this as unknown as UpstreamPatches;
    const wrapConnects = (
      target: object,
      name: string,
      attributes: (args: readonly unknown[], self: unknown) => Attributes,
    ): void =>
      plugin._wrap(target, name, (original) => watchConnects(plugin.tracer, original, attributes));
    addFile(this, 'mongodb', 'mongodb/lib/operations/execute_operation.js', VERSIONS, (exports) =>
      wrapConnects(exports as object, 'executeOperation', ([client, operation]) =>
        attributesOf(client as Client, operation as Operation),
      ),
    );
    addFile<{ MongoClient: { prototype: object } }>(
      this,
      'mongodb',
      'mongodb/lib/mongo_client.js',
      VERSIONS,
      ({ MongoClient }) =>
        wrapConnects(MongoClient.prototype, 'connect', (_args, client) =>
          attributesOf(client as Client),
        ),
    );
  }
}

const patches = upstream.MongoDBInstrumentation.prototype as unknown as UpstreamPatches;
const { _getV4SpanAttributes, _patchEnd } = patches;

Object.assign(patches, {
  _getV4SpanAttributes(connection, ns, command, operation) {
    const attributes = _getV4SpanAttributes.call(this, connection, ns, command, operation);
    if (ns.collection !== undefined && ns.collection !== '$cmd') return attributes;
    // `createUser` names the user.
    if (/User|Role/.test(operation)) return { ...attributes, 'db.collection.name': undefined };
    const { [operation]: named } = command;
    return { ...attributes, 'db.collection.name': typeof named === 'string' ? named : undefined };
  },
  _patchEnd(span, handler, id, command) {
    const ended = _patchEnd.call(this, span, handler, id, command);
    return function (error, result) {
      attempt(NAME, () => {
        if (error) recordError(span, error);
        else if (WRITES.has(command)) recordWriteErrors(span, result as WriteResult | undefined);
      });
      return ended.call(this, error, result);
    };
  },
} satisfies Partial<UpstreamPatches> & ThisType<UpstreamPatches>);

function recordError(span: Span | undefined, error: unknown): void {
  span?.recordException(error as Error);
  noteRecorded(error);
}

function recordWriteErrors(span: Span | undefined, result: WriteResult | undefined): void {
  const [first] = (result?.toObject?.() ?? result)?.writeErrors ?? [];
  if (span === undefined || first === undefined) return;
  const { code, errmsg: message = 'write error' } = first;
  span.recordException({ name: 'MongoServerError', message, ...(code && { code }) });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Records a span for an operation that failed before its command could be sent. */
function watchConnects(
  tracer: Tracer,
  original: AsyncMethod,
  attributesOfCall: (args: readonly unknown[], self: unknown) => Attributes,
): AsyncMethod {
  return function (...args) {
    const watched = connectAttempt(NAME, tracer, 'mongodb.connect', () =>
      attributesOfCall(args, this),
    );
    return onRejection(original.apply(this, args), (error) => {
      if (isOfConnection(error)) watched.failed(error);
    });
  };
}

function isOfConnection(error: unknown): boolean {
  const { name } = (error ?? {}) as { readonly name?: unknown };
  return /^Mongo(?:Network|ServerSelection|TopologyClosed|NotConnected)/.test(String(name));
}

function attributesOf({ s }: Client, { ns, commandName }: Operation = {}): Attributes {
  const { host, port } = s?.options?.hosts?.[0] ?? {};
  return {
    'db.system.name': 'mongodb',
    'db.namespace': ns?.db,
    'db.collection.name': ns?.collection,
    'db.operation.name': commandName,
    'server.address': host,
    'server.port': port,
  };
}
