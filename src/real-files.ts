/** Not imported: the bundler would copy all names of `fs` at each start, 4 million instructions. */
const fs: typeof import('node:fs') = process.getBuiltinModule('node:fs');

/**
 * Functions of `fs` as they were when tracing started. Tests of an app replace them by mocks, which
 * would answer or count reads of ours.
 */
export const appendFileSync: typeof fs.appendFileSync = fs.appendFileSync;
export const closeSync: typeof fs.closeSync = fs.closeSync;
export const openSync: typeof fs.openSync = fs.openSync;
export const readFile: typeof fs.readFile = fs.readFile;
export const readFileSync: typeof fs.readFileSync = fs.readFileSync;
export const readSync: typeof fs.readSync = fs.readSync;
export const writeSync: typeof fs.writeSync = fs.writeSync;

const REAL: PropertyDescriptor = { configurable: true, enumerable: true, writable: true };

/**
 * Loads files of ours with the real `fs.readFileSync`, by which Node.js reads the modules that it
 * requires. A mock that returns a buffer would end the process.
 */
export function withRealFiles<T>(load: () => T): T {
  const mock = Object.getOwnPropertyDescriptor(fs, 'readFileSync');
  if (mock === undefined || mock.value === readFileSync || !mock.configurable) return load();
  Object.defineProperty(fs, 'readFileSync', { ...REAL, value: readFileSync });
  try {
    return load();
  } finally {
    Object.defineProperty(fs, 'readFileSync', mock);
  }
}
