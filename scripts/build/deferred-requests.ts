import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';
import { changed } from './changed.ts';

const root = join(import.meta.dirname, '../..');
const HTTP = join(root, 'node_modules/@opentelemetry/instrumentation-http/build/src');
const FILE = /@opentelemetry[\\/]instrumentation-http[\\/]build[\\/]src[\\/]http\.js$/;
const QUERY = '?methods';

/** The methods of a class that a start does not run. */
export interface Deferred {
  /** Methods that the first call of one of them puts on the class, all at once. */
  readonly methods: readonly string[];
  /** Methods that return a function; the first call of that function does the same. */
  readonly makers: readonly string[];
}

/** What the http instrumentation does not run before the first request. */
const METHODS: Deferred = {
  methods: [
    '_traceClientRequest',
    '_onServerResponseFinish',
    '_onOutgoingRequestError',
    '_onServerResponseError',
    '_startHttpSpan',
    '_closeHttpSpan',
    '_callResponseHook',
    '_callRequestHook',
    '_callStartSpanHook',
    '_recordServerDuration',
    '_recordClientDuration',
    '_setDefaultOptions',
  ],
  makers: ['_incomingRequestFunction', '_outgoingRequestFunction'],
};

/** The chunk with what only requests need, and its modules, for `chunks.ts`. */
export const REQUESTS = 'requests';
export const MODULES_OF_REQUESTS: readonly string[] = [
  join(HTTP, 'utils.js'),
  join(HTTP, `http.js${QUERY}`),
];

/**
 * Puts what only requests need of the http instrumentation into a chunk that is loaded with the first one: its
 * file `utils.js`, and most methods of its class, which are then added to the class. V8 parses all functions of a
 * file that it loads.
 *
 * Gain: 1.3 ms of a start of an app that loads `node:http` (5.4 million instructions).
 *
 * Once they are on the class, the methods are as fast as before.
 *
 * @throws {Error} if the instrumentation no longer has these methods, or uses `utils.js` in another way
 */
export function deferredRequests(): Plugin {
  const headers = JSON.stringify(join(root, 'src/instrumentation/http/request-headers.ts'));
  const modules = new Map<string, string>();
  return {
    name: 'deferred-requests',
    transform: {
      order: 'post',
      handler(code, id) {
        if (!FILE.test(id)) return null;
        const lazy = withLazyUtils(code, id, headers);
        const { start, methods } = withDeferredMethods(lazy, id + QUERY, METHODS);
        modules.set(id + QUERY, methods);
        return { code: start, map: null };
      },
    },
    resolveId: (id) => (id.endsWith(QUERY) ? id : null),
    load(id) {
      const code = modules.get(id);
      return code === undefined ? null : { code, moduleType: 'js' };
    },
    buildEnd() {
      if (modules.size === 0) throw new Error(`found no file that matches ${FILE}`);
    },
  };
}

/** Returns the http instrumentation with `utils.js` loaded by the first function that needs it. */
function withLazyUtils(code: string, id: string, headers: string): string {
  const text = changed(code, id, [
    [
      'const utils_1 = require("./utils");',
      `const { onFirstCall: __onFirstCall } = require(${headers}); let __loaded; const __utils = () => (__loaded ??= require("./utils"));`,
    ],
    // `utils.js` has the same list as its default.
    ['const internal_types_1 = require("./internal-types");', ''],
    [
      `redactedQueryParamsServer ??
                    Array.from(internal_types_1.DEFAULT_QUERY_STRINGS_TO_REDACT),`,
      'redactedQueryParamsServer,',
    ],
  ]);
  return text
    .replaceAll("(0, utils_1.headerCapture)('", "__onFirstCall(() => __utils().headerCapture, '")
    .replaceAll('(0, utils_1.', '(0, __utils().');
}

/**
 * Returns the program without the methods, and that which exports a class with them.
 *
 * @param id of the module with the methods
 */
export function withDeferredMethods(
  code: string,
  id: string,
  { methods, makers }: Deferred,
): { readonly start: string; readonly methods: string } {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const classes = body.filter(({ type }) => type === 'ClassDeclaration');
  const [found] = classes;
  if (found?.id?.name === undefined || classes.length > 1) throw new Error('not one class');
  const name = found.id.name;
  const wanted = [...methods, ...makers];
  const moved = (found.body as Node).body as readonly Node[];
  const own = moved.filter(({ type, key }) => {
    return type === 'MethodDefinition' && wanted.includes(key?.name ?? '');
  });
  if (own.length !== wanted.length) throw new Error(`${name} does not have all of ${wanted}`);
  const texts = own.map(({ start, end }) => code.slice(start, end)).join('\n');
  if (/\bsuper\b|this\.#/.test(texts)) throw new Error('a method that cannot be moved');

  // One that only the others call needs nothing in its place.
  const left = own.reduceRight((text, node) => without(text, node), code);
  const stub = (method: string): string => {
    if (makers.includes(method)) return makerStub(method);
    return new RegExp(`\\.${method}\\b`).test(left) ? methodStub(method) : '';
  };
  const rest = own.reduceRight(
    (text, node) => without(text, node, stub(node.key?.name ?? '')),
    code,
  );
  const install = `
let __installed = false;
function __install() {
  if (__installed) return;
  __installed = true;
  const { constructor, ...methods } = Object.getOwnPropertyDescriptors(require(${JSON.stringify(id)}).Methods.prototype);
  Object.defineProperties(${name}.prototype, methods);
}
`;
  const head = body
    .filter(({ start }) => start < found.start)
    .map((node) => ({
      names: (node.declarations ?? []).map(({ id: declared }) => declared?.name ?? ''),
      text: code.slice(node.start, node.end),
    }));
  const others = usedBy(
    texts,
    head.filter(({ text }) => !text.includes('exports.')),
  );
  return {
    start: rest + install,
    methods: `${others.join('\n')}\nexports.Methods = class {\n${texts}\n};\n`,
  };
}

interface Statement {
  /** Empty for those of a pattern, and for what declares nothing. */
  readonly names: readonly string[];
  readonly text: string;
}

/** Returns the statements that the methods need: what only others use must not be loaded twice. */
function usedBy(texts: string, statements: readonly Statement[]): readonly string[] {
  const used = statements.filter(
    ({ names }) => names.length === 0 || names.some((name) => isIn(texts, name)),
  );
  const rest = statements.filter((statement) => !used.includes(statement));
  const all = used.map(({ text }) => text).join('\n');
  const more =
    used.length === 0
      ? []
      : usedBy(
          all,
          rest.filter(({ names }) => names.length > 0),
        );
  return [...more, ...used.map(({ text }) => text)];
}

function isIn(text: string, name: string): boolean {
  return name === '' || new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b`).test(text);
}

function without(text: string, { start, end }: Node, instead = ''): string {
  return text.slice(0, start) + instead + text.slice(end);
}

function methodStub(name: string): string {
  return `${name}(...args) { __install(); return this.${name}(...args); }`;
}

function makerStub(name: string): string {
  return `${name}(...args) {
    const self = this;
    let made;
    return function (...given) {
      if (made === undefined) {
        __install();
        made = self.${name}(...args);
      }
      return made.apply(this, given);
    };
  }`;
}

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly key?: Node;
  readonly id?: Node;
  readonly body?: Node | readonly Node[];
  readonly declarations?: readonly Node[];
}
