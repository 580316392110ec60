import { attempt } from '../wrap/guard.ts';
import { type AnyFunction, like } from '../wrap/same-shape.ts';
import { wrapMethodsOnce } from '../wrap/wrap-class.ts';
import { untracedOutside } from './job-senders.ts';

const NAME = 'bullmq';

/** A connection of BullMQ, from version 6 on also by node-redis. */
export interface RedisConnection {
  readonly _client?: unknown;
  init?: (this: RedisConnection) => unknown;
}

/**
 * Leaves out the commands that BullMQ sends by node-redis outside a trace: a worker looks for jobs, renews
 * locks and loads its scripts. Commands of ioredis outside a trace have no spans anyway.
 */
export function leaveOutCommands(prototype: RedisConnection): void {
  wrapMethodsOnce(prototype, {
    init: (original) =>
      function init(this: RedisConnection) {
        attempt(NAME, () => {
          const { _client: client } = this;
          if (isNodeRedis(client)) watchMethods(Object.getPrototypeOf(client) as object);
        });
        return original.call(this);
      },
  });
}

/** Returns whether a client of BullMQ is its adapter for the client of node-redis, which it calls raw. */
function isNodeRedis(client: unknown): client is object {
  const { raw } = Object(client) as { readonly raw?: unknown };
  return typeof raw === 'object' && raw !== null && 'isOpen' in raw && 'sendCommand' in raw;
}

const watched = new WeakSet<object>();

/** Wraps the methods of a class that send commands, and those of the transactions that they return. */
function watchMethods(prototype: object): void {
  if (watched.has(prototype)) return;
  watched.add(prototype);
  for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'constructor' || typeof method.value !== 'function') continue;
    const original = method.value as AnyFunction;
    const value = like(original, function (this: unknown, ...args) {
      const result = untracedOutside(() => original.apply(this, args));
      if (name === 'multi' || name === 'pipeline')
        attempt(NAME, () => watchMethods(Object.getPrototypeOf(result) as object));
      return result;
    });
    Object.defineProperty(prototype, name, { ...method, value });
  }
}
