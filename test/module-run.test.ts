import { expect, test } from 'vitest';
import { watchRun } from '../src/module-run.ts';

/** Loads as `Module.prototype.load` does; returns what is kept for `import`. */
function load(file: { loaded: boolean; exports: string }): string {
  file.loaded = true;
  return file.exports;
}

function replace(file: { exports: string }, name: string): void {
  file.exports = `${file.exports} ${name}`;
}

test('exports that are replaced when the file has run are those that are imported', () => {
  const file = { loaded: false, exports: 'own' };
  const end = watchRun(file, () => {
    expect(file.loaded).toBe(true);
    replace(file, 'traced');
  });
  const whileRunning = file.loaded;
  const imported = load(file);
  end();
  expect([whileRunning, imported, file.exports]).toEqual([false, 'own traced', 'own traced']);
  expect(Object.getOwnPropertyDescriptor(file, 'loaded')).toEqual({
    value: true,
    configurable: true,
    enumerable: true,
    writable: true,
  });
});

test('two watches of a module both replace the exports', () => {
  const file = { loaded: false, exports: 'own' };
  const ends = ['outer', 'inner'].map((name) =>
    watchRun(file, () => {
      replace(file, name);
    }),
  );
  expect(load(file)).toBe('own outer inner');
  for (const end of ends.reverse()) end();
  expect(file).toEqual({ loaded: true, exports: 'own outer inner' });
});

test('after a file that throws, the property is as before', () => {
  const file = { loaded: false, exports: 'own' };
  const end = watchRun(file, () => {
    replace(file, 'traced');
  });
  end();
  expect(Object.getOwnPropertyDescriptor(file, 'loaded')).toEqual({
    value: false,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  expect(load(file)).toBe('own');
});
