import { expect, test } from 'vitest';
import { RedisInstrumentation } from '../../../src/instrumentation/databases/redis.ts';
import { redisQueryText } from '../../../src/instrumentation/databases/redis-attributes.ts';

const ROWS: readonly (readonly [command: string, args: readonly unknown[], text: string])[] = [
  ['GET', ['user:7'], 'GET user:7'],
  ['set', ['user:7', 'secret', 'EX', 10], 'set user:7 [3 other arguments]'],
  ['GETSET', ['user:7', 'secret'], 'GETSET user:7 [1 other arguments]'],
  ['PSETEX', ['user:7', 1_000, 'secret'], 'PSETEX user:7 [2 other arguments]'],
  ['HSET', ['user:7', 'name', 'secret'], 'HSET user:7 name [1 other arguments]'],
  ['AUTH', ['user', 'secret'], 'AUTH [2 other arguments]'],
  ['ACL', ['SETUSER', 'app', '>secret'], 'ACL SETUSER [2 other arguments]'],
  ['CONFIG', ['SET', 'requirepass', 'secret'], 'CONFIG SET [2 other arguments]'],
  ['ACL', ['GENPASS', '128'], 'ACL GENPASS [1 other arguments]'],
  ['HELLO', ['3', 'AUTH', 'user', 'secret', 'SETNAME', 'secret'], 'HELLO [6 other arguments]'],
  ['CLIENT', ['SETNAME', 'secret'], 'CLIENT SETNAME [1 other arguments]'],
  ['client', ['SETINFO', 'LIB-NAME', 'secret'], 'client SETINFO [2 other arguments]'],
  ['COMMAND', ['GETKEYS', 'SET', 'key', 'secret'], 'COMMAND GETKEYS [3 other arguments]'],
  [
    'MIGRATE',
    ['127.0.0.1', '6379', 'key', '0', '500', 'AUTH2', 'user', 'secret'],
    'MIGRATE [8 other arguments]',
  ],
  ['SENTINEL', ['SET', 'main', 'auth-pass', 'secret'], 'SENTINEL [4 other arguments]'],
  ['EVAL', ["return 'secret'", 1, 'key', 'secret'], 'EVAL [4 other arguments]'],
  ['eval_ro', ["return 'secret'", 0], 'eval_ro [2 other arguments]'],
  ['SCRIPT', ['LOAD', "return 'secret'"], 'SCRIPT LOAD [1 other arguments]'],
  ['FUNCTION', ['LOAD', 'REPLACE', '#!lua secret'], 'FUNCTION LOAD [2 other arguments]'],
  ['PING', ['secret'], 'PING [1 other arguments]'],
  ['ECHO', ['secret'], 'ECHO [1 other arguments]'],
  ['DELEX', ['user:7', 'IFEQ', 'secret'], 'DELEX user:7 [2 other arguments]'],
  ['PUBLISH', ['channel', 'secret'], 'PUBLISH channel [1 other arguments]'],
  ['RESTORE', ['key', '0', 'secret'], 'RESTORE [3 other arguments]'],
  ['GEOSEARCH', ['geo', 'FROMMEMBER', 'secret'], 'GEOSEARCH geo [2 other arguments]'],
  ['GEODIST', ['geo', 'secret', 'secret'], 'GEODIST geo [2 other arguments]'],
  ['evalsha', ['f00', 1, 'key', 'secret'], 'evalsha f00 [3 other arguments]'],
  ['FCALL_RO', ['f', 1, 'key', 'secret'], 'FCALL_RO f [3 other arguments]'],
  ['SISMEMBER', ['set', 'secret'], 'SISMEMBER set [1 other arguments]'],
  ['SREM', ['set', 'secret', 'secret'], 'SREM set [2 other arguments]'],
  ['LREM', ['list', 0, 'secret'], 'LREM list [2 other arguments]'],
  ['ZSCORE', ['sorted', 'secret'], 'ZSCORE sorted [1 other arguments]'],
  ['ZRANGE', ['sorted', '[secret', '+', 'BYLEX'], 'ZRANGE sorted [3 other arguments]'],
  ['ZRANGEBYLEX', ['sorted', '[secret', '+'], 'ZRANGEBYLEX sorted [2 other arguments]'],
  ['ZRANGEBYSCORE', ['sorted', '1', '2'], 'ZRANGEBYSCORE sorted 1 2'],
  ['SUNION', ['a', 'b'], 'SUNION a b'],
  ['DEL', ['a', 'b'], 'DEL a b'],
  ['PING', [], 'PING'],
];

test.for(ROWS)('the text of %s %j has no values', ([command, args, text]) => {
  expect(redisQueryText(command, args)).toBe(text);
  expect(redisQueryText(command, ['name', ...args], 1)).toBe(text);
});

test('no row of the table has a secret in its text', () => {
  expect(ROWS.filter(([, , text]) => text.includes('secret'))).toEqual([]);
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
