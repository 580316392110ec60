import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** How the bundler exports a name from a shared chunk. */
const GETTER =
  /^Object\.defineProperty\(exports, "([\w$]+)", \{\n\s+enumerable: true,\n\s+get: function \(\) \{\n\s+return ([\w$]+);\n\s+\}\n\}\);\n?/gm;

/**
 * Exports the names of shared chunks as values, not with one getter function each, where a name is
 * never assigned again. The getters of the chunk that every app loads were a sixth of its functions
 * and took 1.0 ms of the start.
 *
 * Entries keep theirs: Node.js detects these names when an ES module imports them.
 */
export function plainExports(): Plugin {
  return {
    name: 'plain-exports',
    generateBundle(_options, files) {
      for (const file of Object.values(files)) {
        if (file.type === 'chunk' && !file.isEntry) file.code = withPlainExports(file.code);
      }
    },
  };
}

/** Replaces the getters of exports with values, which are assigned at the end of the program. */
export function withPlainExports(code: string): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const assigned = namesThatChange(body);
  const values: string[] = [];
  const rest = code.replaceAll(GETTER, (getter, name: string, local: string) => {
    if (assigned.has(local)) return getter;
    values.push(name === local ? `\t${name},\n` : `\t${name}: ${local},\n`);
    return '';
  });
  if (values.length === 0) return code;
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
    } else if (expression?.left?.name !== undefined && expression.operator === '=') {
      yield expression.left.name;
    }
  }
}

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly left?: Node;
  readonly argument?: Node;
  readonly operator?: string;
  readonly expression?: Node;
  readonly callee?: Node;
  readonly arguments?: readonly Node[];
  readonly declarations?: readonly Node[];
  readonly id?: Node;
  readonly init?: Node | null;
  readonly body?: Node | readonly Node[];
}

/** Yields all names that something is assigned to after their declaration, in any scope. */
function* assignedNames(node: Node): Generator<string> {
  const { type, left, argument } = node;
  if (left !== undefined && ASSIGNMENTS.has(type)) yield* namesIn(left);
  if (argument !== undefined && type === 'UpdateExpression') yield* namesIn(argument);
  for (const child of childrenOf(node)) yield* assignedNames(child);
}

const ASSIGNMENTS: ReadonlySet<string> = new Set([
  'AssignmentExpression',
  'ForInStatement',
  'ForOfStatement',
]);

function* namesIn(node: Node): Generator<string> {
  if (node.type === 'Identifier' && node.name !== undefined) yield node.name;
  for (const child of childrenOf(node)) yield* namesIn(child);
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
