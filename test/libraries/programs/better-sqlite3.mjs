export const packages = ['better-sqlite3'];

export default async ([{ default: Database }], runSteps) => {
  const db = new Database(':memory:');
  const count = (rows) => {
    let total = 0;
    for (const row of rows) total += row.id;
    return total;
  };
  await runSteps({
    creates: () => db.exec("CREATE TABLE users (id INTEGER, name TEXT DEFAULT 'secret')").name,
    inserts: () => db.prepare('INSERT INTO users VALUES (?, ?), (2, ?)').run(1, 'secret', 'secret'),
    reads() {
      const select = db.prepare('SELECT id FROM users WHERE id > ?').bind(0);
      return [select.get(), select.all(), select.pluck().all()];
    },
    iterates: () => count(db.prepare('SELECT id FROM users').iterate()),
    'stops early'() {
      for (const { id } of db.prepare('SELECT id FROM users').iterate()) return id;
    },
    'throws while it iterates'() {
      db.function('fail', (id) => {
        if (id === 2) throw new RangeError('no such user');
        return id;
      });
      return count(db.prepare('SELECT fail(id) AS id FROM users').iterate());
    },
    transacts: () =>
      db.transaction((name) => db.prepare('UPDATE users SET name = ?').run(name).changes)('secret'),
    'rolls back': () =>
      db.transaction(() => {
        db.prepare("DELETE FROM users WHERE name = 'secret'").run();
        throw new TypeError('changed my mind');
      })(),
    'breaks a rule': () => db.prepare('INSERT INTO users VALUES (?)').run(1),
    'has wrong syntax': () => db.exec('SELEC 1'),
    pragma: () => db.pragma('user_version', { simple: true }),
  });
  console.log(db.prepare('SELECT count(*) AS n FROM users').get().n, 'outside a trace');
};
