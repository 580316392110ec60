import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** How the bundler exports a name from a shared chunk. */
const GETTER =
  /^Object\.defineProperty\(exports, "([\w$]+)", \{\n\s+enumerable: true,\n\s+get: function \(\) \{\n\s+return ([\w$]+);\n\s+\}\n\}\);\n?/gm;

/**
 * Exports the names of shared chunks as values, not with one getter function each, where a name is
 * never assigned again. The getters of the chunk that every app loads were a sixth of its functions.
 *
 * Gain: 1.1 ms of a start (5.8 million instructions).
 *
 * Entries keep theirs: Node.js detects these names when an ES module imports them.
 *
 * A chunk that loads no other while it runs cannot be seen before it has run, so one literal takes the
 * place of its `exports`. V8 makes a hash table of an object to which hundreds of names are added, which
 * takes more memory (27 of 1,400 KB of young objects at the start) and is slower to read.
 *
 * @throws {Error} if no chunk has such a getter
 * @see docs/upstream.md section 21
 */
export function plainExports(): Plugin {
  return {
    name: 'plain-exports',
    generateBundle(_options, files) {
      let count = 0;
      for (const file of Object.values(files)) {
        if (file.type !== 'chunk' || file.isEntry) continue;
        const code = withPlainExports(file.code, !LOADS.test(file.code));
        if (code !== file.code) count += 1;
        file.code = code;
      }
      if (count === 0) throw new Error('no chunk exports names with getters');
    },
  };
}

/** A chunk that loads another while it runs. The helper functions of the bundler and the first chunk load none. */
const LOADS = /^(?:const \w+ = )?require\("\.{1,2}\/(?!(?:rolldown-runtime|sdk)-)/m;

/**
 * Replaces the getters of exports with values, which are assigned at the end of the program.
 *
 * @param asOne whether a new object replaces `exports`
 */
export function withPlainExports(code: string, asOne = false): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const assigned = namesThatChange(body);
  const getters: string[] = [];
  const values: string[] = [];
  const rest = code.replaceAll(GETTER, (getter, name: string, local: string) => {
    if (assigned.has(local)) {
      getters.push(`\tget ${name}() {\n\t\treturn ${local};\n\t},\n`);
      return asOne ? '' : getter;
    }
    values.push(name === local ? `\t${name},\n` : `\t${name}: ${local},\n`);
    return '';
  });
  if (values.length === 0) return code;
  if (asOne) {
    return `${rest.trimEnd()}\nmodule.exports = {\n${values.join('')}${getters.join('')}};\n`;
  }
  return `${rest.trimEnd()}\nObject.assign(exports, {\n${values.join('')}});\n`;
}

/** Returns the names that may have another value after the program has run. */
function namesThatChange(body: readonly Node[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const name of body.flatMap((node) => [...assignedNames(node)])) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const name of initializedNames(body)) {
    if (counts.get(name) === 1) counts.delete(name);
  }
  return new Set(counts.keys());
}

/**
 * Yields the names that modules assign when the program runs: the bundler puts a module that CommonJS
 * requires into a function, `var init_a = __esmMin((() => { b = 1; }))`, and calls it where an ES
 * module imports it.
 */
function* initializedNames(body: readonly Node[]): Generator<string> {
  const modules = new Map(
    body
      .flatMap(({ declarations = [] }) => declarations)
      .flatMap(({ id, init }) => {
        const [start] = init?.arguments ?? [];
        return id?.name?.startsWith('init_') && start?.body ? [[id.name, start.body]] : [];
      }) as [string, Node][],
  );
  const statements = [...body];
  for (let next = statements.pop(); next !== undefined; next = statements.pop()) {
    const { expression } = next;
    const module = modules.get(expression?.callee?.name ?? '');
    if (module !== undefined) {
      modules.delete(expression?.callee?.name ?? '');
      statements.push(...(module.body as readonly Node[]));
    } else {
      // `(function (E) { … })(E || (E = {}))` is how TypeScript writes an enum.
      const assignments = [expression, ...(expression?.arguments ?? []).map(({ right }) => right)];
      for (const assignment of assignments) {
        const { left, operator } = assignment ?? {};
        if (left?.name !== undefined && operator === '=') yield left.name;
      }
    }
  }
}

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly left?: Node;
  readonly right?: Node;
  readonly argument?: Node;
  readonly operator?: string;
  readonly kind?: string;
  readonly expression?: Node;
  readonly callee?: Node;
  readonly arguments?: readonly Node[];
  readonly declarations?: readonly Node[];
  readonly id?: Node;
  readonly init?: Node | null;
  readonly body?: Node | readonly Node[];
}

/**
 * Yields all names that something is assigned to after their declaration, in any scope, except names
 * of a block's own.
 */
function* assignedNames(node: Node): Generator<string> {
  const { type, left, argument } = node;
  if (left !== undefined && ASSIGNMENTS.has(type)) yield* namesIn(left);
  if (argument !== undefined && type === 'UpdateExpression') yield* namesIn(argument);
  const own = type === 'BlockStatement' ? declaredIn(node.body as readonly Node[]) : NONE;
  for (const child of childrenOf(node)) {
    for (const name of assignedNames(child)) if (!own.has(name)) yield name;
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Returns the names that `let` declares in a block. */
function declaredIn(body: readonly Node[]): ReadonlySet<string> {
  const declarations = body.flatMap(({ kind, declarations = [] }) =>
    kind === 'let' ? declarations : [],
  );
  return new Set(declarations.flatMap(({ id }) => id?.name ?? []));
}

const ASSIGNMENTS: ReadonlySet<string> = new Set([
  'AssignmentExpression',
  'ForInStatement',
  'ForOfStatement',
]);

function* namesIn(node: Node): Generator<string> {
  // Of `a[b] = 1`, neither name changes.
  if (node.type === 'MemberExpression') return;
  if (node.type === 'Identifier' && node.name !== undefined) yield node.name;
  for (const child of childrenOf(node)) yield* namesIn(child);
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
