// Changes how modules load, as mocking libraries and compilers do.
const { Module, createRequire } = require('node:module');
const { writeFileSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const print = (...values) => console.log(JSON.stringify(values));
const shape = ({ name, length }) => [name, length];
print(shape(Module._load), shape(Module.prototype.load), shape(Module.prototype.require));
print(shape(Module._resolveFilename), shape(Module._extensions['.js']));
print(process.getBuiltinModule === undefined || shape(process.getBuiltinModule));
print(Object.keys(Module._cache).filter((file) => file.endsWith('modules.cjs')).length);

const { _load: load, _resolveFilename: resolve } = Module;
Module._load = function (request, ...rest) {
  return request === 'virtual' ? { virtual: true } : load.call(this, request, ...rest);
};
print(require('virtual'));
Module._load = load;
Module._resolveFilename = function (request, ...rest) {
  return resolve.call(this, request === 'alias' ? 'koa' : request, ...rest);
};
print(require('alias') === require('koa'));
Module._resolveFilename = resolve;

const { _compile: compile } = Module.prototype;
Module.prototype._compile = function (code, ...rest) {
  return compile.call(this, `${code}\nmodule.exports.marked = 1;`, ...rest);
};
print(require('koa-compose').marked);
Module.prototype._compile = compile;

const folder = mkdtempSync(join(tmpdir(), 'modules-'));
Module._extensions['.text'] = (module) => {
  module.exports = 'text';
};
writeFileSync(join(folder, 'a.text'), '');
print(require(join(folder, 'a.text')));
rmSync(folder, { recursive: true });

const file = require.resolve('koa');
const first = require('koa');
delete require.cache[file];
const second = require('koa');
print(first === second, require('koa') === second);
require.cache[file].exports = 'stub';
print(require('koa'));

const own = new Module('own.js', module);
own.paths = Module._nodeModulePaths(__dirname);
own._compile(
  'module.exports = [typeof require("http").request, module.children.length]',
  __filename,
);
print(own.exports, module.children.includes(own));
print(
  createRequire(__filename)('fs') === require('node:fs'),
  require('node:http') === Module._load('http'),
);
for (const name of ['./missing', 'missing-package', 'koa/missing', 5]) {
  try {
    require(name);
  } catch ({ code }) {
    print(code);
  }
}
