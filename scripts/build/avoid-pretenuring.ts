import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/**
 * Keeps V8 from pretenuring closures. V8 allocates a function that is assigned to a property,
 * `request.end = () => …`, in the old generation, where it keeps everything it refers to alive until
 * the next major GC. OpenTelemetry creates several such contexts per request, so spans survived
 * every minor GC, and a request to a `node:http` server took 17 µs more.
 *
 * As the last operand of a comma expression, `(0, () => …)`, a function is allocated as any other
 * object.
 */
export function avoidPretenuring(): Plugin {
  return {
    name: 'avoid-pretenuring',
    // On the output, because earlier steps would remove the comma expression.
    generateBundle(_options, files) {
      for (const file of Object.values(files)) {
        if (file.type === 'chunk') file.code = withoutPretenuring(file.code);
      }
    },
  };
}

/** Wraps each function that a running function assigns to a property. */
export function withoutPretenuring(code: string): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const places = body
    .flatMap((node) => [...pretenuredClosures(node, false)])
    .flatMap(bracketsAround);
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

/** @param isInside whether the node is in a function, whose closures are created at each call */
function* pretenuredClosures(node: Node, isInside: boolean): Generator<Node> {
  const { type, left, right } = node;
  const isAssigned = type === 'AssignmentExpression' && left?.type === 'MemberExpression';
  if (isInside && isAssigned && right !== undefined && FUNCTIONS.has(right.type)) yield right;
  const isFunction = FUNCTIONS.has(type) || type === 'FunctionDeclaration';
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* pretenuredClosures(child, isInside || isFunction);
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
