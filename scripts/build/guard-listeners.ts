import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Files of the compiled-in instrumentations; the first group that matches is the name. */
const INSTRUMENTATION =
  /[\\/]@opentelemetry[\\/]instrumentation-([\w.-]+)[\\/]build[\\/]|[\\/]@(fastify)[\\/]otel[\\/]/;

/**
 * Makes listeners, subscribers of diagnostics channels and timers of the compiled-in instrumentations safe.
 *
 * Correctness: they run in the app's `emit()`, so what they throw would end the app.
 *
 * The same applies to the message of what the app has thrown, which may be `null`: an instrumentation
 * that reads it before it throws the error again would replace the error.
 *
 * Also, they listen to `errorMonitor` in the place of `'error'`: an emitter that has a listener for
 * `'error'` no longer throws an error that the app does not handle.
 *
 * @param root folder of the repository
 * @throws {Error} if no instrumentation has a listener
 * @see docs/upstream.md sections 17 to 19
 */
export function guardedListeners(root: string): Plugin {
  const guard = join(root, 'src/instrumentation/wrap/guard.ts');
  const listeners = join(root, 'src/instrumentation/wrap/listeners.ts');
  let count = 0;
  return {
    name: 'guarded-listeners',
    transform(code, id) {
      const [, upstream, fastify] = INSTRUMENTATION.exec(id) ?? [];
      const name = upstream ?? fastify;
      if (name === undefined || !id.endsWith('.js')) return null;
      const guarded = withGuardedListeners(code, name);
      if (guarded === code) return null;
      count += 1;
      const imports = `const __report = require(${JSON.stringify(guard)}).reportFailure;
const { guardListener: __listener, eventToWatch: __event, messageOf: __message } = require(${JSON.stringify(listeners)});
`;
      return { code: guarded.replace(/^(?:["']use strict["'];?\n)?/, `$&${imports}`), map: null };
    },
    buildEnd() {
      if (count === 0) throw new Error('no instrumentation has a listener');
    },
  };
}

/** Returns the program with its listeners made safe. */
export function withGuardedListeners(code: string, instrumentation: string): string {
  const { body } = parseAst(code, { sourceType: 'script' }) as unknown as { body: readonly Node[] };
  const name = JSON.stringify(instrumentation);
  const edits = body
    .flatMap((node) => [...relevant(node)])
    .flatMap((node) => (node.type === 'Property' ? guardMessage(node) : guard(node, name)));
  const parts: string[] = [];
  let from = 0;
  for (const [at, text, replaced = 0] of edits.toSorted(([one], [other]) => one - other)) {
    parts.push(code.slice(from, at), text);
    from = at + replaced;
  }
  return parts.join('') + code.slice(from);
}

/** Puts a text in the place of so many characters; of none by default. */
type Edit = readonly [at: number, text: string, replaced?: number];

/** A node of ESTree: https://github.com/estree/estree */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly value?: unknown;
  readonly key?: Node;
  readonly object?: Node;
  readonly expression?: Node;
  readonly callee?: Node;
  readonly property?: Node;
  readonly arguments?: readonly Node[];
  readonly body?: Node;
}

const EMITTER_METHODS: ReadonlySet<string> = new Set([
  'on',
  'once',
  'off',
  'addListener',
  'prependListener',
  'prependOnceListener',
  'removeListener',
  'subscribe',
  'unsubscribe',
]);
const TIMERS: ReadonlySet<string> = new Set([
  'setImmediate',
  'setInterval',
  'setTimeout',
  'queueMicrotask',
]);
const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionExpression', 'ArrowFunctionExpression']);

/** Yields calls and properties of objects. */
function* relevant(node: Node): Generator<Node> {
  if (node.type === 'CallExpression' || node.type === 'Property') yield node;
  for (const child of Object.values(node).flat()) {
    if (isNode(child)) yield* relevant(child);
  }
}

/** Edits `message: error.message` and `message: error?.message`. */
function guardMessage({ key, value }: Node): readonly Edit[] {
  if (key?.name !== 'message' || !isNode(value)) return [];
  const { type, object, property } = value.expression ?? value;
  if (type !== 'MemberExpression' || property?.name !== 'message') return [];
  if (object?.type !== 'Identifier') return [];
  return [[value.start, `__message(${object.name})`, value.end - value.start]];
}

function guard({ callee, arguments: args = [] }: Node, name: string): readonly Edit[] {
  if (callee?.type === 'Identifier') {
    return TIMERS.has(callee.name ?? '')
      ? args.slice(0, 1).flatMap((arg) => guardFunction(arg, name))
      : [];
  }
  if (callee?.type !== 'MemberExpression' || !EMITTER_METHODS.has(callee.property?.name ?? '')) {
    return [];
  }
  const [event, listener] = args.length === 1 ? [undefined, args[0]] : args;
  return [
    ...prepended(callee, event, name),
    ...guardEvent(event),
    ...guardFunction(listener, name),
  ];
}

/**
 * The http instrumentation ends the span of a request when its response closes, and is the first to
 * listen. What others end at that moment, such as the span of a route handler, is inside of it.
 */
function prepended({ property }: Node, event: Node | undefined, name: string): readonly Edit[] {
  if (property?.name !== 'once' || event?.value !== 'close' || name === '"http"') return [];
  return [[property.start, 'prependOnceListener', 'once'.length]];
}

/** A name that is not written out may be `'error'`. */
function guardEvent(event: Node | undefined): readonly Edit[] {
  if (event === undefined || event.property?.name === 'errorMonitor') return [];
  if (event.type === 'Literal' && event.value !== 'error') return [];
  return around(event, '__event(', ')');
}

function guardFunction(listener: Node | undefined, name: string): readonly Edit[] {
  if (listener === undefined) return [];
  if (!FUNCTIONS.has(listener.type)) return around(listener, `__listener(${name}, `, ')');
  const { body } = listener as { readonly body: Node };
  const end = `} catch (__error) { __report(${name}, __error); }`;
  if (body.type !== 'BlockStatement') return around(body, '{ try { ', `; ${end} }`);
  return [
    [body.start + 1, ' try {'],
    [body.end - 1, `${end} `],
  ];
}

function around({ start, end }: Node, before: string, after: string): readonly Edit[] {
  return [
    [start, before],
    [end, after],
  ];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
