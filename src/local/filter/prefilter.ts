import {
  FLAG_BITS,
  type FlagName,
  MAX_TERM_LENGTH,
  OVERFLOW,
  TERM_FIELDS,
} from '../store/derive.ts';
import type { Comparison, Expression, NodePattern } from './expression.ts';

type Parameter = string | number;

/**
 * A condition on the store's tables that every matching trace satisfies. `exact`: and no other
 * trace does, so that it may be negated.
 */
export interface Prefilter {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly exact: boolean;
}

const ANY: Prefilter = { sql: '1', parameters: [], exact: false };

/**
 * Turns a filter expression into a condition in SQL, so that only traces that may match have to be
 * read. Parts that cannot be looked up become "any trace".
 */
export function prefilter(expression: Expression): Prefilter {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return joined(expression.kind, expression.of.map(prefilter));
    case 'not': {
      const inner = prefilter(expression.of);
      return inner.exact ? { ...inner, sql: `NOT (${inner.sql})` } : ANY;
    }
    case 'field':
      return field(expression.key, expression.comparison);
    case 'annotation':
      return expression.side === undefined
        ? byTerm('annotation', expression.key, expression.comparison)
        : ANY;
    case 'service': {
      const { node: pattern, block } = expression;
      return joined('and', [
        node(pattern, impliedFlag(block), block === undefined),
        impliedLength(block),
      ]);
    }
    case 'edge': {
      const { source, target, block } = expression;
      return joined('and', [edge(source, target, impliedFlag(block)), impliedLength(block)]);
    }
    case 'cause':
      return expression.cause === 'responsetime'
        ? ANY
        : byTerm('cause', expression.cause, undefined);
    default:
      return ANY;
  }
}

function joined(kind: 'and' | 'or', parts: readonly Prefilter[]): Prefilter {
  if (parts.length === 0) return { ...ANY, exact: true };
  // A part that says nothing adds nothing to AND, and takes everything from OR.
  const telling = kind === 'and' ? parts.filter((part) => part !== ANY) : parts;
  if (telling.length === 0 || (kind === 'or' && parts.includes(ANY))) return ANY;
  return {
    sql: telling.map(({ sql }) => `(${sql})`).join(kind === 'and' ? ' AND ' : ' OR '),
    parameters: telling.flatMap(({ parameters }) => parameters),
    exact: parts.every(({ exact }) => exact),
  };
}

/** A segment or call that takes so long is in a trace that takes at least as long. */
function impliedLength(block: Expression | undefined): Prefilter {
  if (block === undefined) return { ...ANY, exact: true };
  if (block.kind === 'and') return joined('and', block.of.map(impliedLength));
  const { operator, value } = (block.kind === 'field' && block.comparison) || {};
  const isLength = block.kind === 'field' && ['duration', 'responsetime'].includes(block.key);
  if (!isLength || operator === undefined || !['>', '>=', '='].includes(operator)) return ANY;
  return { sql: 'IFNULL(duration >= ?, 0)', parameters: [value as number], exact: false };
}

function field(key: string, comparison: Comparison | undefined): Prefilter {
  if (Object.hasOwn(FLAG_BITS, key)) {
    const bit = FLAG_BITS[key as FlagName];
    const wanted = comparison === undefined || (comparison.operator === '=') === comparison.value;
    return {
      sql: `(${wanted ? 'flags_true' : 'flags_false'} & ${bit}) != 0`,
      parameters: [],
      exact: true,
    };
  }
  if (key === 'duration' || key === 'responsetime') {
    const column = key === 'duration' ? 'duration' : 'response';
    return {
      // IFNULL: what has no value satisfies no test, and then satisfies the negation.
      sql: comparison ? `IFNULL(${column} ${comparison.operator} ?, 0)` : `${column} IS NOT NULL`,
      parameters: comparison ? [comparison.value as number] : [],
      exact: true,
    };
  }
  return TERM_FIELDS.has(key) ? byTerm('field', key, comparison) : ANY;
}

const TERM_COMPARISONS: Readonly<Record<string, string>> = {
  '=': 'value = ?',
  '<': 'value < ?',
  '<=': 'value <= ?',
  '>': 'value > ?',
  '>=': 'value >= ?',
  contains: 'instr(value, ?) > 0',
  beginswith: 'instr(value, ?) = 1',
};

/** Traces with a term of this kind and key whose value satisfies the comparison. */
function byTerm(kind: string, key: string, comparison: Comparison | undefined): Prefilter {
  const base = 'kind = ? AND key = ?';
  const test = comparison && TERM_COMPARISONS[comparison.operator];
  const literal = comparison?.value;
  // Long texts are cut in the index, and an empty one is everywhere: both are left to reading.
  const usable =
    test !== undefined &&
    (typeof literal !== 'string' || (literal !== '' && literal.length < MAX_TERM_LENGTH / 2));
  if (!usable || literal === undefined) return terms(base, [kind, key], false);
  const isText = typeof literal === 'string';
  const cut =
    isText && comparison?.operator === 'contains'
      ? ` OR length(value) >= ${MAX_TERM_LENGTH / 2}`
      : '';
  const parameter = typeof literal === 'boolean' ? Number(literal) : literal;
  // SQLite writes broken surrogates alike, so only plain text is told apart for certain.
  const exact = comparison?.operator === '=' && (!isText || isPlain(literal));
  return terms(
    `${base} AND type = ? AND (${test}${cut})`,
    [kind, key, typeof literal, parameter],
    exact,
  );
}

function node(pattern: NodePattern, flag: FlagName | undefined, whole: boolean): Prefilter {
  const kind = flag === undefined ? 'node' : `node.${flag}`;
  const named = pattern.name !== undefined;
  const typed = pattern.type !== undefined;
  if (!named && !typed && flag === undefined) return ANY;
  return terms(
    `kind = ?${named ? ' AND key = ?' : ''}${typed ? ' AND value = ?' : ''}`,
    [kind, ...(named ? [pattern.name as string] : []), ...(typed ? [pattern.type as string] : [])],
    whole &&
      pattern.accountId === undefined &&
      isPlain(pattern.name ?? '') &&
      pattern.type !== '' &&
      isPlain(pattern.type ?? '') &&
      (pattern.type ?? '').length < MAX_TERM_LENGTH,
  );
}

function edge(source: NodePattern, target: NodePattern, flag: FlagName | undefined): Prefilter {
  const kind = flag === undefined ? 'edge' : `edge.${flag}`;
  if (source.name !== undefined && target.name !== undefined) {
    const key = JSON.stringify([source.name, target.name]);
    return terms('kind = ? AND key = ?', [kind, key], false);
  }
  return flag === undefined ? ANY : terms('kind = ?', [kind], false);
}

/** A flag that a block cannot hold without. */
function impliedFlag(block: Expression | undefined): FlagName | undefined {
  if (block?.kind === 'and') return block.of.map(impliedFlag).find((flag) => flag !== undefined);
  if (block?.kind !== 'field' || !['fault', 'error', 'throttle'].includes(block.key))
    return undefined;
  const { comparison } = block;
  const wanted = comparison === undefined || (comparison.operator === '=') === comparison.value;
  return wanted ? (block.key as FlagName) : undefined;
}

function terms(condition: string, parameters: readonly Parameter[], exact: boolean): Prefilter {
  return {
    sql: `key IN (SELECT trace FROM posting WHERE term IN (SELECT id FROM term WHERE ${condition}))`,
    parameters,
    exact,
  };
}

/** For stores with traces whose terms are not all there: these are always looked at. */
export function withOverflow({ sql, parameters }: Prefilter): Prefilter {
  const overflow = terms('kind = ?', [OVERFLOW.kind], false);
  return {
    sql: `(${sql}) OR ${overflow.sql}`,
    parameters: [...parameters, ...overflow.parameters],
    exact: false,
  };
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}
