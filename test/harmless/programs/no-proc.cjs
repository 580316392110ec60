// Makes `fs` say that there is no /proc, as on systems without it. Loaded with --require.
const fs = require('node:fs');

const isProc = (path) => /^\/proc(?:\/|$)/.test(String(path));
const missing = (path) =>
  Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
    code: 'ENOENT',
    errno: -2,
    path,
  });
for (const name of [
  'openSync',
  'readFileSync',
  'readlinkSync',
  'statSync',
  'readdirSync',
  'accessSync',
]) {
  const original = fs[name];
  fs[name] = (path, ...rest) => {
    if (isProc(path)) throw missing(path);
    return original(path, ...rest);
  };
}
for (const name of ['open', 'readFile', 'readlink', 'stat', 'readdir', 'access']) {
  const original = fs[name];
  fs[name] = (path, ...rest) =>
    isProc(path) ? process.nextTick(rest.at(-1), missing(path)) : original(path, ...rest);
  const promised = fs.promises[name];
  fs.promises[name] = async (path, ...rest) => {
    if (isProc(path)) throw missing(path);
    return promised(path, ...rest);
  };
}
const { existsSync } = fs;
fs.existsSync = (path) => !isProc(path) && existsSync(path);
