import { context, trace } from '@opentelemetry/api';
import { Segment, type SegmentLike, Subsegment, spanOf } from './entities.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

/** Functions of `mysql` and `mysql2` that create an object with queries. */
export const MYSQL_FACTORIES: readonly string[] = [
  'createConnection',
  'createPool',
  'createPoolCluster',
];
const QUERIES = ['query', 'execute'] as const;
const CONNECTIONS = ['getConnection', 'of'] as const;

/** Functions that are wrapped already: an object may inherit one, or be captured twice. */
const wrappers = new WeakSet<Method>();

/** Runs a call below the given segment. */
export function below<T>(segment: SegmentLike | undefined, run: () => T): T {
  return segment === undefined
    ? run()
    : context.with(trace.setSpan(context.active(), spanOf(segment)), run);
}

/** Runs `query(…, segment)` and `execute(…, segment)` of a client as children of the segment. */
export function takeSegments(client: object): void {
  for (const name of QUERIES) replace(client, name, takingSegment);
  takeSegmentsOfMade(client, CONNECTIONS);
}

/** Calls {@link takeSegments} for what these methods return, resolve with or pass to a callback. */
export function takeSegmentsOfMade(target: object, names: readonly string[]): void {
  for (const name of names) replace(target, name, makingClients);
}

function replace(target: object, name: string, wrapped: (method: Method) => Method): void {
  const method = (target as Methods)[name];
  if (typeof method !== 'function' || wrappers.has(method)) return;
  const wrapper = wrapped(method);
  // An instrumentation recognizes a method that it has wrapped by its properties.
  for (const key of Reflect.ownKeys(method)) {
    const property = Reflect.getOwnPropertyDescriptor(method, key);
    if (!Object.hasOwn(wrapper, key)) Reflect.defineProperty(wrapper, key, property ?? {});
  }
  wrappers.add(wrapper);
  Reflect.set(target, name, wrapper);
}

function takingSegment(query: Method): Method {
  return function (...args) {
    const last = args.at(-1);
    if (!(last instanceof Segment || last instanceof Subsegment)) return query.apply(this, args);
    return below(last, () => query.apply(this, args.slice(0, -1)));
  };
}

function makingClients(make: Method): Method {
  return function (...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') args[args.length - 1] = receivingClient(callback as Method);
    const made = make.apply(this, args);
    if (made instanceof Promise) return made.then(withSegments);
    return withSegments(made);
  };
}

function receivingClient(callback: Method): Method {
  return function (error, client, ...rest) {
    return callback.call(this, error, withSegments(client), ...rest);
  };
}

function withSegments<T>(client: T): T {
  if (typeof client === 'object' && client !== null) takeSegments(client);
  return client;
}
