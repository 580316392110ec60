import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

const QUERY = '?methods';

/** The methods of a class that a start does not run. */
export interface Deferred {
  readonly file: RegExp;
  /** Methods that the first call of one of them puts on the class, all at once. */
  readonly methods: readonly string[];
  /** Methods that return a function; the first call of that function does the same. */
  readonly makers: readonly string[];
}

/** The id of the module that has the methods. */
export function methodsOf(file: string): string {
  return file + QUERY;
}

/**
 * Moves methods of a class in a CommonJS file to a module of their own, which can be in another chunk. V8
 * parses all functions of a file that it loads: 13 KB of the http instrumentation took 0.4 ms of the start of
 * an app, and as much memory as their text.
 *
 * Once they are on the class, the methods are as fast as before.
 */
export function deferredMethods(deferred: Deferred): Plugin {
  const modules = new Map<string, string>();
  return {
    name: 'deferred-methods',
    transform: {
      order: 'post',
      handler(code, id) {
        if (!deferred.file.test(id)) return null;
        const { start, methods } = withDeferredMethods(code, methodsOf(id), deferred);
        modules.set(methodsOf(id), methods);
        return { code: start, map: null };
      },
    },
    resolveId: (id) => (id.endsWith(QUERY) ? id : null),
    load(id) {
      const code = modules.get(id);
      return code === undefined ? null : { code, moduleType: 'js' };
    },
    buildEnd() {
      if (modules.size === 0) throw new Error(`found no file that matches ${deferred.file}`);
    },
  };
}

/**
 * Returns the program without the methods, and that which exports a class with them.
 *
 * @param id of the module with the methods
 */
export function withDeferredMethods(
  code: string,
  id: string,
  { methods, makers }: Omit<Deferred, 'file'>,
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
