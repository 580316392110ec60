/**
 * Loads a Lambda handler in each form of module and exports, as the runtime interface clients do, first
 * untraced and then watched, and prints what it found as JSON.
 *
 * Arguments: the built `watch-handler.ts`, an empty folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [bundle, folder] = process.argv.slice(2);
const { watchHandler } = await import(pathToFileURL(bundle).href);

const HANDLER = "const handler = async (event) => event + ' done';";
const ES_MODULE = "Object.defineProperty(exports, '__esModule', { value: true });";

/** The helpers that esbuild writes, without names for minifiers. */
const ESBUILD = `
const copy = (to, from) => {
  for (const key of Object.getOwnPropertyNames(from)) {
    if (!Object.hasOwn(to, key)) Object.defineProperty(to, key, { get: () => from[key], enumerable: true });
  }
  return to;
};
const all = {};
Object.defineProperty(all, 'handler', { get: () => handler, enumerable: true });
module.exports = copy(Object.defineProperty({}, '__esModule', { value: true }), all);
${HANDLER}
0 && (module.exports = { handler });`;

const COMMONJS = {
  assigned: `${HANDLER} exports.handler = handler;`,
  'object assigned': `${HANDLER} module.exports = { handler };`,
  'getters of esbuild': ESBUILD,
  __esModule: `${ES_MODULE} ${HANDLER} exports.handler = handler;`,
  'getter of TypeScript': `${ES_MODULE} ${HANDLER}
Object.defineProperty(exports, 'handler', { enumerable: true, get: function () { return handler; } });`,
  'default object': `${HANDLER} module.exports = { default: { handler } };`,
  'default object, __esModule': `${ES_MODULE} ${HANDLER} exports.default = { handler };`,
  frozen: `${HANDLER} module.exports = Object.freeze({ handler });`,
  inherited: `${HANDLER} module.exports = Object.create({ handler });`,
  'unknown names': `${HANDLER} module.exports = Object.fromEntries([['handler', handler]]);`,
  nested: `${HANDLER} exports.api = { handler };`,
  'nested, frozen': `${HANDLER} module.exports = Object.freeze({ api: Object.freeze({ handler }) });`,
  'nested, getter': `${HANDLER} const api = { handler };
Object.defineProperty(exports, 'api', { enumerable: true, get: () => api });`,
  throws: `${HANDLER} exports.handler = handler; throw new RangeError('not today');`,
};

const ESM = {
  assigned: `export ${HANDLER}`,
  'default object': `${HANDLER} export default { handler };`,
  'default object, frozen': `${HANDLER} export default Object.freeze({ handler });`,
  nested: `${HANDLER} export const api = { handler };`,
  'nested, frozen': `${HANDLER} export const api = Object.freeze({ handler });`,
  throws: `export ${HANDLER} throw new RangeError('not today');`,
};

const FILES = [
  { name: 'index.js', texts: COMMONJS },
  { name: 'index.js', type: 'commonjs', texts: COMMONJS },
  { name: 'index.cjs', texts: COMMONJS },
  { name: 'index.cjs', type: 'module', texts: COMMONJS },
  { name: 'index.mjs', texts: ESM },
  { name: 'index.js', type: 'module', texts: ESM },
];

function find(names, from) {
  return names.reduce(
    (value, name) => (typeof value === 'object' && value !== null ? value[name] : undefined),
    from,
  );
}

async function loaded(load, file, names) {
  try {
    const module = await load(file);
    const handler = find(names, module) ?? find(names, module.default);
    return { handler, answer: await handler?.('work') };
  } catch (error) {
    return { answer: String(error) };
  }
}

let count = 0;
function write({ name, type, text }) {
  count += 1;
  const place = `${folder}/${count}`;
  mkdirSync(place);
  if (type !== undefined) writeFileSync(`${place}/package.json`, JSON.stringify({ type }));
  writeFileSync(`${place}/${name}`, text);
  return `${place}/${name}`;
}

/** Client 4 imports all files, client 3 only ES modules. */
const LOADS = { import: (file) => import(file), require: createRequire(import.meta.url) };

const cells = [];
for (const { name, type, texts } of FILES) {
  for (const [form, text] of Object.entries(texts)) {
    const names = form.startsWith('nested') ? ['api', 'handler'] : ['handler'];
    for (const [by, load] of Object.entries(LOADS)) {
      if (by === 'require' && texts === ESM) continue;
      const untraced = await loaded(load, write({ name, type, text }), names);
      const file = write({ name, type, text });
      const wrapped = new Set();
      const stop = watchHandler({ paths: [file, file], names }, (handler) => {
        const copy = (...args) => handler(...args);
        wrapped.add(copy);
        return copy;
      });
      const traced = await loaded(load, file, names);
      stop();
      cells.push({
        cell: `${by} ${name}${type === undefined ? '' : ` (${type})`}: ${form}`,
        isTraced: wrapped.has(traced.handler),
        answer: traced.answer ?? 'no handler',
        untraced: untraced.answer ?? 'no handler',
      });
    }
  }
}
process.stdout.write(JSON.stringify(cells));
