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
 * A SQL condition that every matching trace satisfies. `exact`: and no other
 * trace does, so it may be negated.
 */
export interface Prefilter {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly exact: boolean;
}

const ANY: Prefilter = { sql: '1', parameters: [], exact: false };

/**
 * Translates a filter expression into a SQL condition, so that only traces that may match have to be
 * read. Parts that the index cannot answer match any trace.
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
  // A part without information is neutral in AND and makes OR match everything.
  const telling = kind === 'and' ? parts.filter((part) => part !== ANY) : parts;
  if (telling.length === 0 || (kind === 'or' && parts.includes(ANY))) return ANY;
  return {
    sql: telling.map(({ sql }) => `(${sql})`).join(kind === 'and' ? ' AND ' : ' OR '),
    parameters: telling.flatMap(({ parameters }) => parameters),
    exact: parts.every(({ exact }) => exact),
  };
}

/** A trace is at least as long as each of its segments and calls. */
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
      // IFNULL: a missing value fails the test, so it satisfies the negation.
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

/** Selects the traces with a term of this kind and key whose value satisfies the comparison. */
function byTerm(kind: string, key: string, comparison: Comparison | undefined): Prefilter {
  const base = 'kind = ? AND key = ?';
  const test = comparison && TERM_COMPARISONS[comparison.operator];
  const literal = comparison?.value;
  // The index truncates long texts, and an empty text is contained in every one: read the documents.
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
  // SQLite stores all lone surrogates alike, so only plain text compares exactly.
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

/** Returns a flag that every match of the block requires. */
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

/** Extends a condition for stores with traces that are not fully indexed: these are always read. */
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
