import { type Attributes, context, type Tracer } from '@opentelemetry/api';
import { addFile } from '../loading/ranges.ts';
import { attempt } from '../wrap/guard.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { connectAttempt } from './failed-connects.ts';

const NAME = 'mysql2';
const VERSIONS = ['>=1.4.2 <4'];

type Callback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown;
type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Pool {
  readonly config?: object;
}

interface PoolPrototype {
  getConnection?: Method;
}

/** A cluster of pools. Its queries go through the object that `of` returns. */
interface ClusterPrototype {
  of?: Method;
}

interface Watched {
  readonly tracer: Tracer;
  /** @param config settings of a pool; empty for a cluster without one */
  attributes(config: object): Attributes;
}

/**
 * Records connections that a pool could not provide, such as `Queue limit reached.`, and runs what
 * waited for a connection in the context that waited: the pool calls it back in the context of the code
 * that released the connection, so that the query would belong to another request.
 */
export function watchPools(instrumentation: object, watched: Watched): void {
  const patch = (name: string, change: (prototype: PoolPrototype & ClusterPrototype) => void) =>
    addFile<{ readonly prototype: object }>(
      instrumentation,
      NAME,
      `mysql2/lib/${name}.js`,
      VERSIONS,
      ({ prototype }) => void attempt(NAME, () => change(prototype)),
    );
  patch('pool', (prototype) => watchPool(prototype, watched));
  patch('pool_cluster', (prototype) => watchCluster(prototype, watched));
}

/** @param prototype its methods for queries call `getConnection` */
function watchPool(prototype: PoolPrototype, { tracer, attributes }: Watched): void {
  wrapMethodsOnce(prototype, {
    getConnection: (original) =>
      function getConnection(...args) {
        const callback = args[0] as Callback;
        if (typeof callback !== 'function') return original.apply(this, args);
        const outer = context.active();
        const { config = {} } = this as Pool;
        const waiting = connectAttempt(NAME, tracer, 'mysql2.pool', () => attributes(config));
        const told: Callback = function (error, ...rest) {
          if (error) waiting.failed(error);
          return context.with(outer, callback, this, error, ...rest);
        };
        return original.call(this, told);
      },
  });
}

function watchCluster(prototype: ClusterPrototype, watched: Watched): void {
  wrapMethodsOnce(prototype, {
    of: (original) =>
      function of(...args) {
        const namespace = original.apply(this, args);
        attempt(NAME, () => watchPool(Object.getPrototypeOf(namespace) as PoolPrototype, watched));
        return namespace;
      },
  });
}
