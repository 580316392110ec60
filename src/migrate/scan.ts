import { type ParserPlugin, parse } from '@babel/parser';
import * as facade from '../xray-sdk/index.ts';
import { CALLS, type CallRule, KEPT, METHODS, UNKNOWN } from './calls.ts';

/** A call of the X-Ray SDK in a source file. */
export interface FoundCall {
  /** Name below the SDK's object, or `segment.` and the method. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly rule: CallRule;
  /** Change of the text that `--write` makes; none for calls that have to be rewritten by hand. */
  readonly edit?: Edit;
}

/** Replaces a part of the text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a source file has of the X-Ray SDK. */
export interface ScannedFile {
  readonly calls: readonly FoundCall[];
  /** Packages that it loads. */
  readonly packages: readonly string[];
  /** Statements that load a package of which nothing is left when all edits are made. */
  readonly imports: readonly Edit[];
}

/** The part of a node of the syntax tree that is used here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
  readonly [key: string]: unknown;
}

const PACKAGE = /^aws-xray-sdk(?:-(?:core|express|fetch|mysql|postgres|restify|fastify))?$/;

/** What the exports of a package are called below the object of `aws-xray-sdk`. */
const PREFIX: Readonly<Record<string, string>> = {
  'aws-xray-sdk-express': 'express',
  'aws-xray-sdk-restify': 'restify',
  'aws-xray-sdk-mysql': 'captureMySQL',
  'aws-xray-sdk-postgres': 'capturePostgres',
};

const CALLING: ReadonlySet<string> = new Set([
  'CallExpression',
  'OptionalCallExpression',
  'NewExpression',
]);

/** A package is also looked for in the text first: most files of a project have none. */
export const MENTIONS: RegExp = /aws-xray-sdk/;

/**
 * Finds the calls of the X-Ray SDK in a source file of JavaScript or TypeScript.
 *
 * @throws {SyntaxError} when the text cannot be parsed
 */
export function scan(text: string, isTypeScript: boolean, isJsx: boolean): ScannedFile {
  const plugins: ParserPlugin[] = [
    ...(isTypeScript ? (['typescript', 'decorators'] as const) : (['decorators'] as const)),
    ...(isJsx ? (['jsx'] as const) : []),
  ];
  const program = parse(text, {
    sourceType: 'unambiguous',
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    plugins,
  }).program as unknown as Node;
  return new Scan(text, program).result();
}

/** One pass over a file. */
class Scan {
  readonly #text: string;
  /** Local names of the SDK's parts: the name, and what it is called below the SDK's object. */
  readonly #bindings = new Map<string, string>();
  /** Statements that load a package, with the names that they declare. */
  readonly #loads: { readonly node: Node; readonly names: readonly string[] }[] = [];
  readonly #packages = new Set<string>();
  readonly #calls: FoundCall[] = [];
  /** Places where a local name of the SDK is used. */
  readonly #uses: { readonly name: string; readonly start: number }[] = [];

  constructor(text: string, program: Node) {
    this.#text = text;
    walk(program, [], (node, parents) => this.#declare(node, parents));
    walk(program, [], (node, parents) => this.#visit(node, parents));
  }

  result(): ScannedFile {
    const edits = this.#calls.flatMap(({ edit }) => (edit === undefined ? [] : [edit]));
    const isGone = (start: number): boolean =>
      edits.some((edit) => {
        const kept = this.#text.indexOf(edit.text, edit.start);
        const isInside = start >= edit.start && start < edit.end;
        return isInside && (edit.text === '' || start < kept || start >= kept + edit.text.length);
      });
    const imports = this.#loads
      .filter(({ node, names }) =>
        this.#uses.every(
          ({ name, start }) =>
            !names.includes(name) || isGone(start) || (start >= node.start && start < node.end),
        ),
      )
      .filter(({ names }) => names.length > 0)
      .map(({ node }) => wholeLines(this.#text, node));
    return { calls: this.#calls, packages: [...this.#packages].sort(), imports };
  }

  #declare(node: Node, parents: readonly Node[]): void {
    if (node.type === 'ImportDeclaration') {
      const source = (node['source'] as Node)['value'] as string;
      if (!PACKAGE.test(source)) return;
      const names = (node['specifiers'] as Node[]).map((specifier) => {
        const local = nameOf(specifier['local']) ?? '';
        const imported = nameOf(specifier['imported']);
        this.#bind(local, source, imported === 'default' ? undefined : imported);
        return local;
      });
      this.#packages.add(source);
      this.#loads.push({ node, names });
      return;
    }
    const source = requiredPackage(node);
    if (source === undefined) return;
    this.#packages.add(source);
    const declarator = parents.at(-1);
    if (declarator?.type !== 'VariableDeclarator') return;
    const names = this.#bindPattern(declarator['id'] as Node, source);
    const declaration = parents.at(-2);
    if (declaration !== undefined && (declaration['declarations'] as Node[]).length === 1) {
      this.#loads.push({ node: declaration, names });
    }
  }

  #bindPattern(pattern: Node, source: string): readonly string[] {
    const single = nameOf(pattern);
    if (single !== undefined) {
      this.#bind(single, source, undefined);
      return [single];
    }
    if (pattern.type !== 'ObjectPattern') return [];
    return (pattern['properties'] as Node[]).flatMap((property) => {
      const imported = nameOf(property['key']);
      const local = nameOf(property['value']);
      if (imported === undefined || local === undefined) return [];
      this.#bind(local, source, imported);
      return [local];
    });
  }

  #bind(local: string, source: string, imported: string | undefined): void {
    const path = [PREFIX[source], imported].filter((part) => part !== undefined);
    this.#bindings.set(local, path.join('.'));
  }

  #visit(node: Node, parents: readonly Node[]): void {
    const name = nameOf(node);
    if (name !== undefined && this.#bindings.has(name) && isReference(node, parents.at(-1))) {
      this.#uses.push({ name, start: node.start });
    }
    if (CALLING.has(node.type)) this.#call(node, parents);
  }

  #call(node: Node, parents: readonly Node[]): void {
    const path = this.#pathOf(node['callee'] as Node);
    if (path !== undefined && path !== '') {
      const rule = withServiceName(CALLS[path] ?? ruleOf(path), path, node);
      this.#found(path, node, rule, this.#editOf(rule, node, parents));
      return;
    }
    const method = memberOf(node['callee'] as Node);
    if (method !== undefined && Object.hasOwn(METHODS, method)) {
      this.#found(`segment.${method}`, node, METHODS[method] as CallRule, undefined);
    }
  }

  #found(name: string, node: Node, rule: CallRule, edit: Edit | undefined): void {
    const { line, column } = node.loc.start;
    this.#calls.push({
      name,
      line,
      column: column + 1,
      rule,
      ...(edit === undefined ? {} : { edit }),
    });
  }

  /** The name below the SDK's object: `''` for the object itself, `undefined` for something else. */
  #pathOf(callee: Node): string | undefined {
    const own = nameOf(callee);
    if (own !== undefined) return this.#bindings.get(own);
    const member = memberOf(callee);
    if (member === undefined) return undefined;
    const object = callee['object'] as Node;
    const source = requiredPackage(object);
    const base = source === undefined ? this.#pathOf(object) : (PREFIX[source] ?? '');
    if (base === undefined) return undefined;
    return base === '' ? member : `${base}.${member}`;
  }

  #editOf(rule: CallRule, node: Node, parents: readonly Node[]): Edit | undefined {
    if (rule.kind === 'unwrap') {
      const [first, ...rest] = node['arguments'] as Node[];
      if (first === undefined || rest.length > 0 || first.type === 'SpreadElement')
        return undefined;
      return { start: node.start, end: node.end, text: this.#text.slice(first.start, first.end) };
    }
    if (rule.kind !== 'delete') return undefined;
    const statement = statementOf(node, parents);
    return statement === undefined ? undefined : wholeLines(this.#text, statement);
  }
}

/** Returns what becomes of a name that needs no rule: the facade has it, or not. */
function ruleOf(path: string): CallRule {
  let value: unknown = facade;
  for (const part of path.split('.'))
    value = (value as Record<string, unknown> | undefined)?.[part];
  return value === undefined ? UNKNOWN : KEPT;
}

/** Calls whose first argument names the service. */
const NAMING: ReadonlySet<string> = new Set(['express.openSegment', 'middleware.setDefaultName']);

function withServiceName(rule: CallRule, path: string, node: Node): CallRule {
  const [first] = node['arguments'] as Node[];
  if (!NAMING.has(path) || first?.type !== 'StringLiteral') return rule;
  return { ...rule, becomes: `OTEL_SERVICE_NAME=${String(first['value'])}` };
}

/** Returns the statement that consists of the call, or of `app.use(call)`. */
function statementOf(node: Node, parents: readonly Node[]): Node | undefined {
  const parent = parents.at(-1);
  if (parent?.type === 'ExpressionStatement') return parent;
  const isOnlyArgument =
    parent?.type === 'CallExpression' &&
    memberOf(parent['callee'] as Node) === 'use' &&
    (parent['arguments'] as Node[]).length === 1 &&
    (parent['arguments'] as Node[])[0] === node;
  const above = parents.at(-2);
  return isOnlyArgument && above?.type === 'ExpressionStatement' ? above : undefined;
}

/**
 * Returns the edit that removes the lines of a node, with the line break, when nothing else is on
 * them; else the node.
 */
function wholeLines(text: string, { start, end }: Node): Edit {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const nextBreak = text.indexOf('\n', end);
  const lineEnd = nextBreak < 0 ? text.length : nextBreak + 1;
  const isAlone =
    text.slice(lineStart, start).trim() === '' && text.slice(end, lineEnd).trim() === '';
  return isAlone ? { start: lineStart, end: lineEnd, text: '' } : { start, end, text: '' };
}

/** Returns the package of `require('aws-xray-sdk')`. */
function requiredPackage(node: Node): string | undefined {
  if (node.type !== 'CallExpression' || nameOf(node['callee']) !== 'require') return undefined;
  const [first] = node['arguments'] as Node[];
  const value = first?.type === 'StringLiteral' ? (first['value'] as string) : '';
  return PACKAGE.test(value) ? value : undefined;
}

function nameOf(node: unknown): string | undefined {
  const { type, name } = (node ?? {}) as Partial<Node>;
  return type === 'Identifier' ? (name as string) : undefined;
}

/** Returns the name of a property that is read by `object.name`. */
function memberOf(node: Node): string | undefined {
  const isMember = node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression';
  return isMember && node['computed'] !== true ? nameOf(node['property']) : undefined;
}

/** Returns whether an identifier stands for a value, and is not the name of a property. */
function isReference(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return true;
  if (memberOf(parent) !== undefined && parent['property'] === node) return false;
  return !(
    parent.type === 'ObjectProperty' &&
    parent['key'] === node &&
    parent['shorthand'] !== true
  );
}

/** Visits a node and all below it, parents first. */
function walk(
  node: Node,
  parents: readonly Node[],
  visit: (node: Node, parents: readonly Node[]) => void,
): void {
  visit(node, parents);
  const inside = [...parents, node];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, inside, visit);
    }
  }
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Node>).type === 'string' &&
    typeof (value as Partial<Node>).start === 'number'
  );
}
