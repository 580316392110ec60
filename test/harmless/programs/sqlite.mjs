// Uses node:sqlite as an app does, errors included.
import { DatabaseSync } from 'node:sqlite';
import { trace } from '@opentelemetry/api';

const print = (value) => console.log(JSON.stringify(value));
function use() {
  const database = new DatabaseSync(':memory:');
  print(database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)') ?? null);
  const insert = database.prepare('INSERT INTO t (name) VALUES (?)');
  print(insert.run('a').changes);
  print(insert.run(Object.freeze(['b'])[0]).changes);
  print(database.prepare('SELECT * FROM t').all());
  print([...database.prepare('SELECT name FROM t').iterate()]);
  for (const text of ['NO SQL', undefined, Symbol('s')]) {
    try {
      database.prepare(text);
    } catch ({ name, message, code }) {
      print({ name, message, code });
    }
  }
  try {
    insert.run({}, {}, {});
  } catch ({ name, code }) {
    print({ name, code });
  }
  database.close();
}
use();
trace.getTracer('app').startActiveSpan('work', (span) => {
  use();
  span.end();
});
