import type { RootCauseKind } from '../trace/root-causes.ts';
import type { Field } from './fields.ts';

export type Operator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'contains'
  | 'beginswith'
  | 'endswith';
export type Literal = string | number | boolean;

/** What the value of a field is compared with. */
export interface Comparison {
  readonly operator: Operator;
  readonly value: Literal;
}

/** Matches nodes; absent members match every node. */
export interface NodePattern {
  readonly name?: string;
  readonly type?: string;
  readonly accountId?: string;
}

/** The part of a root cause that a block tests. */
export type CausePart = 'service' | 'entity' | 'exception';

/** A parsed filter expression. Groups are already replaced by their own expressions. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'field';
      /** In lower case. */
      readonly key: string;
      readonly field: Field<never>;
      /** Absent: a boolean must be true, any other value must exist. */
      readonly comparison: Comparison | undefined;
    }
  | {
      readonly kind: 'annotation';
      readonly side: 'source' | 'destination' | undefined;
      readonly key: string;
      readonly comparison: Comparison | undefined;
    }
  | {
      readonly kind: 'service';
      readonly node: NodePattern;
      readonly block: Expression | undefined;
    }
  | {
      readonly kind: 'edge';
      readonly source: NodePattern;
      readonly target: NodePattern;
      readonly block: Expression | undefined;
    }
  | {
      readonly kind: 'cause';
      readonly cause: RootCauseKind;
      readonly part: CausePart | undefined;
      readonly block: Expression | undefined;
    }
  | { readonly kind: 'cause-json'; readonly patterns: readonly unknown[] };

/** Matches every trace. */
export const EVERYTHING: Expression = { kind: 'and', of: [] };
