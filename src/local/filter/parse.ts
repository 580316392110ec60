import type { Comparison, Expression, Literal, NodePattern, Operator } from './expression.ts';
import { EVERYTHING } from './expression.ts';
import type { Field } from './fields.ts';
import { Scanner, type Token } from './scanner.ts';
import {
  CAUSES,
  EDGE,
  GROUPS,
  NODE_KEYS,
  OPERATORS,
  RESERVED,
  type Scope,
  SERVICE,
  SYMBOLS,
  TEXT_OPERATORS,
  TRACE,
} from './scopes.ts';

/** The expression of a group; `undefined` when there is no such group. */
export type GroupLookup = (by: 'name' | 'arn', value: string) => string | undefined;

const MAX_LENGTH = 8_192;
const MAX_NESTING = 100;

/**
 * Parses a filter expression of X-Ray.
 *
 * @param groups looks up the groups that `group.name` and `group.arn` name
 * @throws {FilterError} with the offset of the first invalid token
 * @see docs/spec/xray-api.md section 4
 */
export function parseFilter(text: string, groups: GroupLookup = () => undefined): Expression {
  return new Parser(text, groups, []).whole();
}

/** Parses an entity selector: one service or one edge, without a block. */
export function parseEntitySelector(text: string): Expression {
  return new Parser(text, () => undefined, []).selector();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #groups: GroupLookup;
  /** Groups whose expressions are being parsed, to detect cycles. */
  readonly #within: readonly string[];
  #depth = 0;

  constructor(text: string, groups: GroupLookup, within: readonly string[]) {
    this.#scanner = new Scanner(text);
    this.#groups = groups;
    this.#within = within;
  }

  whole(): Expression {
    const scanner = this.#scanner;
    this.#checkLength();
    if (scanner.peek().kind === 'end') return EVERYTHING;
    const expression = this.#or(TRACE);
    if (scanner.peek().kind !== 'end') throw scanner.refuse('expected AND, OR or the end');
    return expression;
  }

  selector(): Expression {
    const scanner = this.#scanner;
    this.#checkLength();
    const token = scanner.peek();
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    let expression: Expression;
    if (word === 'id') {
      expression = { kind: 'service', node: this.#node(), block: undefined };
    } else if (word === 'service' || word === 'edge') {
      scanner.next();
      expression = word === 'service' ? this.#service(false) : this.#edge(false);
    } else throw scanner.refuse('expected service(…), edge(…) or id(…)');
    if (scanner.peek().kind !== 'end') throw scanner.refuse('expected the end');
    return expression;
  }

  #checkLength(): void {
    const { text } = this.#scanner;
    if (text.length <= MAX_LENGTH) return;
    const token: Token = { kind: 'sign', text: '', start: MAX_LENGTH, end: MAX_LENGTH };
    throw this.#scanner.refuse(`longer than ${MAX_LENGTH} characters`, token);
  }

  #or(scope: Scope): Expression {
    const of = [this.#and(scope)];
    while (this.#scanner.take('or')) of.push(this.#and(scope));
    return of.length === 1 ? (of[0] as Expression) : { kind: 'or', of };
  }

  #and(scope: Scope): Expression {
    const scanner = this.#scanner;
    const of = [this.#not(scope)];
    for (;;) {
      const explicit = scanner.take('and');
      if (!explicit && !this.#startsTerm()) break;
      of.push(this.#not(scope));
    }
    return of.length === 1 ? (of[0] as Expression) : { kind: 'and', of };
  }

  /** Whether a term follows without an operator, which means AND. */
  #startsTerm(): boolean {
    const token = this.#scanner.peek();
    if (token.kind === 'word') return !this.#scanner.sees('or');
    return token.kind === 'sign' && (token.text === '(' || token.text === '!');
  }

  #not(scope: Scope): Expression {
    const scanner = this.#scanner;
    if (!scanner.sees('!')) return this.#primary(scope);
    return this.#deeper(() => {
      scanner.next();
      return { kind: 'not', of: this.#not(scope) };
    });
  }

  #primary(scope: Scope): Expression {
    const scanner = this.#scanner;
    if (scanner.sees('(')) {
      return this.#deeper(() => {
        scanner.next();
        const inner = this.#or(scope);
        scanner.expect(')');
        return inner;
      });
    }
    const token = scanner.peek();
    if (token.kind !== 'word' || RESERVED.has(token.text.toLowerCase())) {
      throw scanner.refuse('expected a keyword');
    }
    return this.#keyword(token, scope);
  }

  #keyword(token: Token & { readonly kind: 'word' }, scope: Scope): Expression {
    const scanner = this.#scanner;
    const word = token.text.toLowerCase();
    const field = Object.hasOwn(scope.fields, word) ? scope.fields[word] : undefined;
    if (field) {
      scanner.next();
      return { kind: 'field', key: word, field, comparison: this.#comparison(field.type) };
    }
    if (word.endsWith('annotation')) return this.#annotation(token, word, scope);
    if (scope.whole) {
      const cause = Object.hasOwn(CAUSES, word) ? CAUSES[word] : undefined;
      const group = Object.hasOwn(GROUPS, word) ? GROUPS[word] : undefined;
      if (word === 'service' || word === 'edge') {
        scanner.next();
        return word === 'service' ? this.#service(true) : this.#edge(true);
      }
      if (cause) {
        scanner.next();
        const block = cause.scope && this.#block(cause.scope);
        return { kind: 'cause', cause: cause.cause, part: cause.part, block };
      }
      if (word === 'rootcause.json') return this.#causeJson();
      if (group) {
        scanner.next();
        return this.#group(group);
      }
    }
    throw scanner.refuse(`not a keyword of ${scope.says}: ${token.text}`);
  }

  #annotation(token: Token & { readonly kind: 'word' }, word: string, scope: Scope): Expression {
    const scanner = this.#scanner;
    const side = word === 'annotation' ? undefined : word.split('.')[0];
    const form = side === undefined ? 'plain' : 'sided';
    if (form !== scope.annotations) {
      const hint =
        scope.annotations === 'sided' ? '; use source.annotation or destination.annotation' : '';
      throw scanner.refuse(`not a keyword of ${scope.says}: ${token.text}${hint}`);
    }
    scanner.next();
    const key = scanner.annotationKey();
    return {
      kind: 'annotation',
      side: side as 'source' | 'destination' | undefined,
      key,
      comparison: this.#comparison(undefined),
    };
  }

  /** An operator and its value, if one follows. Without a `type` the value decides it. */
  #comparison(type: Field<never>['type'] | undefined): Comparison | undefined {
    const scanner = this.#scanner;
    const token = scanner.peek();
    const text = token.kind === 'sign' || token.kind === 'word' ? token.text.toLowerCase() : '';
    if (!SYMBOLS.has(text) && !TEXT_OPERATORS.has(text)) return undefined;
    if (type !== undefined && !OPERATORS[type].has(text)) {
      throw scanner.refuse(
        `a ${type} does not support ${token.kind === 'sign' ? text : text.toUpperCase()}`,
      );
    }
    scanner.next();
    const value = this.#literal(type);
    if (!OPERATORS[typeof value.value as Field<never>['type']].has(text)) {
      throw scanner.refuse(
        `${text.toUpperCase()} does not take a ${typeof value.value}`,
        value.token,
      );
    }
    return { operator: text as Operator, value: value.value };
  }

  #literal(type: Field<never>['type'] | undefined): {
    readonly value: Literal;
    readonly token: Token;
  } {
    const scanner = this.#scanner;
    const token = scanner.peek();
    const value = literalOf(token);
    const expected = `expected a ${type ?? 'value'}`;
    if (value === undefined || (type !== undefined && typeof value !== type)) {
      const unquoted = token.kind === 'word' && type !== 'number' && type !== 'boolean';
      throw scanner.refuse(unquoted ? `${expected}; strings need double quotes` : expected);
    }
    scanner.next();
    return { value, token };
  }

  #service(blockAllowed: boolean): Expression {
    const scanner = this.#scanner;
    let node: NodePattern = {};
    if (scanner.take('(')) {
      if (!scanner.sees(')')) node = this.#node();
      scanner.expect(')');
    }
    return { kind: 'service', node, block: blockAllowed ? this.#block(SERVICE) : undefined };
  }

  #edge(blockAllowed: boolean): Expression {
    const scanner = this.#scanner;
    let source: NodePattern = {};
    let target: NodePattern = {};
    if (scanner.take('(')) {
      if (!scanner.sees(')')) {
        source = this.#node();
        scanner.expect(',');
        target = this.#node();
      }
      scanner.expect(')');
    }
    return { kind: 'edge', source, target, block: blockAllowed ? this.#block(EDGE) : undefined };
  }

  #node(): NodePattern {
    const scanner = this.#scanner;
    const token = scanner.peek();
    if (token.kind === 'string') {
      scanner.next();
      return { name: token.text };
    }
    if (!scanner.take('id')) throw scanner.refuse('expected a name in double quotes or id(…)');
    scanner.expect('(');
    const pattern: { -readonly [Key in keyof NodePattern]: NodePattern[Key] } = {};
    do {
      const key = scanner.peek();
      const name = key.kind === 'word' ? NODE_KEYS[key.text.toLowerCase()] : undefined;
      if (name === undefined) throw scanner.refuse('expected name, type or account.id');
      if (pattern[name] !== undefined) throw scanner.refuse(`${name} is repeated`);
      scanner.next();
      scanner.expect(':');
      pattern[name] = this.#literal('string').value as string;
    } while (scanner.take(','));
    scanner.expect(')');
    return pattern;
  }

  #block(scope: Scope): Expression | undefined {
    const scanner = this.#scanner;
    if (!scanner.take('{')) return undefined;
    return this.#deeper(() => {
      const inner = this.#or(scope);
      scanner.expect('}');
      return inner;
    });
  }

  #group(by: 'name' | 'arn'): Expression {
    const scanner = this.#scanner;
    const negated = scanner.sees('!=');
    if (!negated && !scanner.sees('=')) throw scanner.refuse('expected = or !=');
    scanner.next();
    const { value, token } = this.#literal('string');
    const text = this.#groups(by, value as string);
    if (text === undefined) throw scanner.refuse(`no group ${JSON.stringify(value)}`, token);
    const name = `${by} ${value}`;
    if (this.#within.includes(name) || this.#within.length >= MAX_NESTING) {
      throw scanner.refuse(`group ${JSON.stringify(value)} refers to itself`, token);
    }
    let expression: Expression;
    try {
      expression = new Parser(text, this.#groups, [...this.#within, name]).whole();
    } catch (error) {
      throw scanner.refuse(`group ${JSON.stringify(value)}: ${(error as Error).message}`, token);
    }
    return negated ? { kind: 'not', of: expression } : expression;
  }

  #causeJson(): Expression {
    const scanner = this.#scanner;
    scanner.next();
    scanner.expect('=');
    scanner.expect('#');
    const value = scanner.json();
    return { kind: 'cause-json', patterns: Array.isArray(value) ? value : [value] };
  }

  #deeper(parse: () => Expression): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_NESTING) {
      throw this.#scanner.refuse(`nested deeper than ${MAX_NESTING} levels`);
    }
    const expression = parse();
    this.#depth -= 1;
    return expression;
  }
}

function literalOf(token: Token): Literal | undefined {
  if (token.kind === 'string') return token.text;
  if (token.kind === 'number') return token.value;
  if (token.kind !== 'word') return undefined;
  const word = token.text.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}
