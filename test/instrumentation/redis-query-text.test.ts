import { expect, test } from 'vitest';
import { redisQueryText } from '../../src/instrumentation/channels/redis-attributes.ts';
import { RedisInstrumentation } from '../../src/instrumentation/redis.ts';

const ROWS: readonly (readonly [command: string, args: readonly unknown[], text: string])[] = [
  ['GET', ['user:7'], 'GET user:7'],
  ['set', ['user:7', 'secret', 'EX', 10], 'set user:7 [3 other arguments]'],
  ['GETSET', ['user:7', 'secret'], 'GETSET user:7 [1 other arguments]'],
  ['PSETEX', ['user:7', 1_000, 'secret'], 'PSETEX user:7 [2 other arguments]'],
  ['HSET', ['user:7', 'name', 'secret'], 'HSET user:7 name [1 other arguments]'],
  ['AUTH', ['user', 'secret'], 'AUTH [2 other arguments]'],
  ['ACL', ['SETUSER', 'app', '>secret'], 'ACL SETUSER [2 other arguments]'],
  ['CONFIG', ['SET', 'requirepass', 'secret'], 'CONFIG SET [2 other arguments]'],
  ['EVAL', ['return ARGV[1]', 1, 'key', 'secret'], 'EVAL return ARGV[1] [3 other arguments]'],
  ['evalsha', ['f00', 1, 'key', 'secret'], 'evalsha f00 [3 other arguments]'],
  ['FCALL_RO', ['f', 1, 'key', 'secret'], 'FCALL_RO f [3 other arguments]'],
  ['SISMEMBER', ['set', 'secret'], 'SISMEMBER set [1 other arguments]'],
  ['SREM', ['set', 'secret', 'secret'], 'SREM set [2 other arguments]'],
  ['LREM', ['list', 0, 'secret'], 'LREM list [2 other arguments]'],
  ['ZSCORE', ['sorted', 'secret'], 'ZSCORE sorted [1 other arguments]'],
  ['SUNION', ['a', 'b'], 'SUNION a b'],
  ['DEL', ['a', 'b'], 'DEL a b'],
  ['PING', [], 'PING'],
];

test.for(ROWS)('the text of %s %j has no values', ([command, args, text]) => {
  expect(redisQueryText(command, args)).toBe(text);
  expect(redisQueryText(command, ['name', ...args], 1)).toBe(text);
});

test('older clients, and the commands of a MULTI, have the same text', () => {
  const { dbStatementSerializer: serialize } = new RedisInstrumentation().getConfig() as {
    dbStatementSerializer(command: string, args?: readonly unknown[]): string;
  };
  expect(ROWS.map(([command, args]) => serialize(command, args))).toEqual(
    ROWS.map(([, , text]) => text),
  );
  expect(serialize('ping')).toBe('ping');
});
