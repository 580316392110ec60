import type { Attributes } from '@opentelemetry/api';
import { defaultDbStatementSerializer } from '@opentelemetry/redis-common';

/** What both Redis clients publish for a command. */
export interface RedisMessage {
  /** A host name or the path of a socket. */
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

/**
 * Returns the attributes of a command as the instrumentations record them.
 *
 * The clients replace arguments that may be secret by `?`, so that their number remains.
 *
 * @param args from `first` on, the arguments of the command
 * @param operation name of the command, with `MULTI` or `PIPELINE` before it
 */
export function commandAttributes(
  message: RedisMessage,
  command: string,
  args: readonly string[],
  first: 0 | 1,
  operation: string = command,
): Attributes {
  return {
    'db.system.name': 'redis',
    'server.address': message.serverAddress,
    'server.port': message.serverPort,
    'db.operation.name': operation,
    'db.query.text': redisQueryText(command, args, first),
  };
}

export function serverAttributes({ serverAddress, serverPort }: RedisMessage): Attributes {
  return {
    'db.system.name': 'redis',
    'server.address': serverAddress,
    'server.port': serverPort,
  };
}

/** Commands whose key or subcommand is followed by values of the app, which upstream records like keys. */
const FIRST_ONLY = new RegExp(
  `^(?:${[
    'EVALSHA(?:_RO)?|FCALL(?:_RO)?',
    'CLIENT|COMMAND|FUNCTION|SCRIPT',
    'DELEX|LPOS|LREM|SISMEMBER|SMISMEMBER|SMOVE|SREM',
    'GEO(?:ADD|DIST|HASH|POS|RADIUS.*|SEARCH.*)',
    'ZINCRBY|ZLEXCOUNT|ZMSCORE|ZRANGE|ZRANGEBYLEX|ZRANK|ZREM|ZREMRANGEBYLEX|ZREVRANGEBYLEX|ZREVRANK|ZSCORE',
  ].join('|')})$`,
  'i',
);
/** Commands whose first argument may have values of the app, such as literals of a script. */
const NAME_ONLY = /^(?:EVAL(?:_RO)?|PING)$/i;

/** Number of arguments that are recorded of each command; `-1`: all. The names are few. */
const recorded = new Map<string, number>();
const MAX_COMMANDS = 500;

/**
 * Returns a command with those of its arguments that are keys or options: what upstream's serializer
 * returns, without matching each name against its patterns again, and without values of the app.
 *
 * @param first index of the first argument
 */
export function redisQueryText(command: string, args: readonly unknown[], first = 0): string {
  const total = args.length - first;
  if (total <= 0) return command;
  let count = recorded.get(command);
  if (count === undefined) {
    count = recordedArguments(command);
    if (recorded.size < MAX_COMMANDS) recorded.set(command, count);
  }
  const end = count < 0 || count >= total ? args.length : first + count;
  let text = command;
  for (let index = first; index < end; index += 1) text += ` ${args[index]}`;
  return end === args.length ? text : `${text} [${args.length - end} other arguments]`;
}

const PROBE = ['0', '1', '2', '3', '4', '5', '6', '7'];

function recordedArguments(command: string): number {
  if (NAME_ONLY.test(command)) return 0;
  if (FIRST_ONLY.test(command)) return 1;
  const left = / \[(\d+) other arguments\]$/.exec(
    defaultDbStatementSerializer(command, [...PROBE]),
  );
  return left === null ? -1 : PROBE.length - Number(left[1]);
}
