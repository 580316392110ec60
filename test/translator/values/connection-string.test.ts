import { expect, test } from 'vitest';
import {
  connectionParts,
  databaseAddress,
  redactConnectionString,
} from '../../../src/translator/values/connection-string.ts';

interface Row {
  readonly text: string;
  readonly redacted: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
}

const ROWS: readonly Row[] = [
  {
    text: 'postgresql://db:5432/shop?sslmode=require',
    redacted: 'postgresql://db:5432/shop?sslmode=require',
    host: 'db',
    port: 5432,
    database: 'shop',
  },
  {
    text: 'mysql+pymysql://user:p@ss:w/rd@db.example:3306/shop',
    redacted: 'mysql+pymysql://db.example:3306/shop',
    host: 'db.example',
    port: 3306,
    database: 'shop',
  },
  {
    text: 'mongodb://u:p@h1:1,h2:2/shop?authSource=admin',
    redacted: 'mongodb://h1:1,h2:2/shop?authSource=admin',
    host: 'h1',
    port: 1,
    database: 'shop',
  },
  {
    text: 'mongodb+srv://u:p@h/?authMechanismProperties=AWS_SESSION_TOKEN:x&authSource=a',
    redacted: 'mongodb+srv://h/?authMechanismProperties=REDACTED&authSource=a',
    host: 'h',
  },
  {
    text: 'redis://:p@[::1]:6379/0',
    redacted: 'redis://[::1]:6379/0',
    host: '::1',
    port: 6379,
    database: '0',
  },
  {
    text: 'jdbc:postgresql://h/shop?user=me@server&password=p&ssl=true',
    redacted: 'jdbc:postgresql://h/shop?user=me@server&password=REDACTED&ssl=true',
    host: 'h',
    database: 'shop',
  },
  {
    text: 'jdbc:sqlserver://h:1433;user=me@server;password=p@q;databaseName=shop',
    redacted: 'jdbc:sqlserver://h:1433;user=me@server;password=REDACTED;databaseName=shop',
    host: 'h',
    port: 1433,
    database: 'shop',
  },
  {
    text: 'jdbc:mysql://address=(host=h)(port=3306)(user=u)(password=p)/shop',
    redacted: 'jdbc:mysql://address=(host=h)(port=3306)(user=u)(password=REDACTED',
    host: 'h',
  },
  {
    text: 'jdbc:oracle:thin:scott/tiger@h:1521:shop',
    redacted: 'jdbc:oracle:thin:@h:1521:shop',
    host: 'h',
    port: 1521,
    database: 'shop',
  },
  {
    text: 'jdbc:oracle:thin:@//h:1521/shop',
    redacted: 'jdbc:oracle:thin:@//h:1521/shop',
    host: 'h',
    port: 1521,
    database: 'shop',
  },
  {
    text: 'user:password@tcp(h:1)/shop?parseTime=true',
    redacted: 'tcp(h:1)/shop?parseTime=true',
    host: 'h',
    port: 1,
    database: 'shop',
  },
  { text: 'user:password@unix(/tmp/s)/shop', redacted: 'unix(/tmp/s)/shop' },
  {
    text: 'user:password@h:5432/shop',
    redacted: 'h:5432/shop',
    host: 'h',
    port: 5432,
    database: 'shop',
  },
  {
    text: 'user/password@h:1521/shop',
    redacted: 'h:1521/shop',
    host: 'h',
    port: 1521,
    database: 'shop',
  },
  {
    text: 'Server=tcp:h,1433;Initial Catalog=shop;User ID=sa@h;Password=a;b;Encrypt=yes',
    redacted: 'Server=tcp:h,1433;Initial Catalog=shop;User ID=sa@h;Password=REDACTED;Encrypt=yes',
    host: 'h',
    port: 1433,
    database: 'shop',
  },
  {
    text: 'Driver={x};Server=h\\sql;PWD={se}}cret;two};Database=shop',
    redacted: 'Driver={x};Server=h\\sql;PWD=REDACTED;Database=shop',
    host: 'h',
    database: 'shop',
  },
  {
    text: `host=h port=5432 dbname=shop password='it\\'s a' user=u`,
    redacted: 'host=h port=5432 dbname=shop password=REDACTED user=u',
    host: 'h',
    port: 5432,
    database: 'shop',
  },
  {
    text: 'h:6379,password=p,ssl=False',
    redacted: 'h:6379,password=REDACTED,ssl=False',
    host: 'h',
    port: 6379,
  },
  {
    text: 'AccountName=a;AccountKey=abc==;EndpointSuffix=core.windows.net',
    redacted: 'AccountName=a;AccountKey=REDACTED;EndpointSuffix=core.windows.net',
  },
  {
    text: 'Name=x;Url=https://u:p@h/q;Password=',
    redacted: 'Name=x;Url=https://h/q;Password=',
  },
  { text: 'mysql://user:half', redacted: 'mysql://REDACTED', host: 'redacted' },
  { text: 'sqlite:/var/lib/x.db', redacted: 'sqlite:/var/lib/x.db' },
  { text: ':memory:', redacted: ':memory:' },
  { text: '', redacted: '' },
];

test.for(ROWS)('connection string: $text', ({ text, redacted, host, port, database }) => {
  expect(redactConnectionString(text)).toBe(redacted);
  expect(connectionParts(redacted)).toEqual({ host, port, database });
});

test.for([
  ['h', 'h', undefined],
  ['h:5432', 'h', 5432],
  ['h,1433', 'h', 1433],
  ['tcp:h,1433', 'h', 1433],
  ['H\\SQLEXPRESS,1433', 'h', 1433],
  ['::1', '::1', undefined],
  ['[::1]:5432', '::1', 5432],
  ['user:p@h', 'h', undefined],
  ['', undefined, undefined],
] as const)('server address: %s', ([text, host, port]) => {
  expect(databaseAddress(text)).toEqual({ host, port });
});
