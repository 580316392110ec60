import type { Attributes, Tracer } from '@opentelemetry/api';
import upstream from '@opentelemetry/instrumentation-knex';
import utils from '@opentelemetry/instrumentation-knex/build/src/utils.js';
import { addFile } from '../loading/ranges.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { connectAttempt, onRejection } from './failed-connects.ts';

const NAME = 'knex';
const VERSIONS = ['>=0.22.0 <4'];

interface ConnectionSettings {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly filename?: string;
  readonly user?: string;
  readonly connectionString?: string;
}

/** A client of knex, which owns a pool. */
interface Client {
  readonly driverName?: string;
  readonly connectionSettings?: ConnectionSettings;
}

interface ClientPrototype {
  acquireConnection?(this: Client, ...args: unknown[]): unknown;
}

interface UpstreamUtils {
  getName(database?: string, operation?: string, table?: string): string | undefined;
  mapSystem(driverName: string | undefined): string;
  extractHostFromConnectionString(text: string | undefined): string | undefined;
  extractPortFromConnectionString(text: string | undefined): number | undefined;
  extractDatabaseFromConnectionString(text: string | undefined): string | undefined;
}

const upstreamUtils = utils as unknown as UpstreamUtils;

const { getName } = upstreamUtils;

Object.assign(upstreamUtils, {
  // Upstream names a query without a database `raw undefined`.
  getName: (database, operation, table) =>
    database
      ? getName(database, operation, table)
      : [operation, table].filter(Boolean).join(' ') || 'query',
} satisfies Partial<UpstreamUtils>);

/**
 * Upstream's instrumentation, which also records connections that the pool of knex cannot provide: a
 * query without a connection has no span.
 */
export class KnexInstrumentation extends upstream.KnexInstrumentation {
  constructor(config?: object) {
    super(config);
    const { tracer } = this as unknown as { readonly tracer: Tracer };
    for (const folder of ['lib', 'src']) {
      addFile<{ readonly prototype: ClientPrototype }>(
        this,
        NAME,
        `knex/${folder}/client.js`,
        VERSIONS,
        ({ prototype }) => void attempt(NAME, () => watchPool(prototype, tracer)),
      );
    }
  }
}

function watchPool(prototype: ClientPrototype, tracer: Tracer): void {
  wrapMethodsOnce(prototype, {
    acquireConnection: (original) =>
      function acquireConnection(...args) {
        const waiting = connectAttempt(NAME, tracer, 'knex.acquire', () => attributesOf(this));
        return onRejection(original.apply(this, args), waiting.failed);
      },
  });
}

function attributesOf({ driverName, connectionSettings = {} }: Client): Attributes {
  const { host, port, database, filename, user, connectionString } = connectionSettings;
  return {
    'db.system.name': upstreamUtils.mapSystem(driverName),
    'db.namespace':
      filename ?? database ?? upstreamUtils.extractDatabaseFromConnectionString(connectionString),
    'server.address': host ?? upstreamUtils.extractHostFromConnectionString(connectionString),
    'server.port': port ?? upstreamUtils.extractPortFromConnectionString(connectionString),
    'db.user': user,
  };
}
