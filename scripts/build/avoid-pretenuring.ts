import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/**
 * V8 takes a function that is written as the value of a property, `request.end = () => …`, for one
 * that lives as long as the program: it puts it among its old objects, and until all of these are
 * looked through, what the function refers to stays with it. OpenTelemetry's contexts are made so,
 * several for each request, and kept each span from being collected with the young objects.
 *
 * As the last of two expressions, `(0, () => …)`, a function is young like any other object.
 */
export function youngClosures(): Plugin {
  return {
    name: 'young-closures',
    // After minifying, which would take the zero away again.
    generateBundle(_options, files) {
      for (const file of Object.values(files)) {
        if (file.type === 'chunk') file.code = withYoungClosures(file.code);
      }
    },
  };
}

/** The program with each function that is assigned to a property when another one runs in brackets. */
export function withYoungClosures(code: string): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const places = body.flatMap((node) => [...oldClosures(node, false)]).flatMap(bracketsAround);
  const parts: string[] = [];
  let from = 0;
  for (const [at, bracket] of places.sort(([one], [other]) => one - other)) {
    parts.push(code.slice(from, at), bracket);
    from = at;
  }
  return parts.join('') + code.slice(from);
}

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly left?: Node;
  readonly right?: Node;
}

const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionExpression', 'ArrowFunctionExpression']);

/** @param isInside a function, so that what is found is made again and again */
function* oldClosures(node: Node, isInside: boolean): Generator<Node> {
  const { type, left, right } = node;
  const isAssigned = type === 'AssignmentExpression' && left?.type === 'MemberExpression';
  if (isInside && isAssigned && right !== undefined && FUNCTIONS.has(right.type)) yield right;
  const isFunction = FUNCTIONS.has(type) || type === 'FunctionDeclaration';
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* oldClosures(child, isInside || isFunction);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function bracketsAround({ start, end }: Node): readonly (readonly [at: number, bracket: string])[] {
  return [
    [start, '(0,'],
    [end, ')'],
  ];
}
