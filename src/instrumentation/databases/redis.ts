import { normalize } from 'node:path';
import upstream from '@opentelemetry/instrumentation-redis';
import { guardedWrapper, type Wrapper } from '../loading/guarded-wrap.ts';
import { addFile, changeRanges } from '../loading/ranges.ts';
import { redisQueryText } from './redis-attributes.ts';
import { noteMultiPatched } from './redis-multi.ts';

const CLIENT = '@redis/client';
/** What upstream patches here, node-redis publishes from 5.12 on, except for `MULTI`. */
const COMMANDS = '@redis/client/dist/lib/client/index.js';
const BEFORE_CHANNELS: Readonly<Record<string, string>> = {
  '^5.0.0': '>=5.0.0 <5.12.0',
  // No version.
  '^6.0.0': '<0.0.0',
};
const WITH_CHANNELS = ['>=5.12.0 <7'];

/** The part of upstream's instrumentation for `@redis/client`; private there. */
interface ClientInstrumentation {
  readonly _modules?: readonly { readonly name: string }[];
  _getPatchRedisClientMulti(): Wrapper;
}

interface ClientExports {
  readonly default?: { readonly prototype?: Record<string, unknown> };
}

/**
 * Upstream's instrumentation, which leaves what node-redis publishes on its channels to
 * `channels/redis.ts`.
 */
export class RedisInstrumentation extends upstream.RedisInstrumentation {
  constructor(config?: object) {
    super({
      dbStatementSerializer: (command: string, args: readonly unknown[] = []) =>
        redisQueryText(command, args),
      ...config,
    });
    const inner = Object.values(this).find((part: Partial<ClientInstrumentation> | null) =>
      part?._modules?.some(({ name }) => name === CLIENT),
    ) as ClientInstrumentation | undefined;
    if (inner === undefined) return;
    const wrapper = inner._getPatchRedisClientMulti();
    changeRanges(inner, (range, name) =>
      name === normalize(COMMANDS) ? (BEFORE_CHANNELS[range] ?? range) : range,
    );
    addFile<ClientExports>(inner, CLIENT, COMMANDS, WITH_CHANNELS, (exports) => {
      const prototype = exports.default?.prototype;
      const multi = prototype?.['MULTI'];
      if (prototype === undefined || typeof multi !== 'function') return;
      prototype['MULTI'] = guardedWrapper('redis', wrapper)(multi as never, 'MULTI');
      noteMultiPatched();
    });
  }
}
