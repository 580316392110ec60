import type { RootCauseKind } from '../trace/root-causes.ts';
import type { CausePart, NodePattern } from './expression.ts';
import {
  CAUSE_COVERED_FIELDS,
  CAUSE_ENTITY_FIELDS,
  CAUSE_EXCEPTION_FIELDS,
  CAUSE_SERVICE_FIELDS,
  EDGE_FIELDS,
  type Field,
  SERVICE_FIELDS,
  TRACE_FIELDS,
} from './fields.ts';

/** The keywords that an expression may use in its position. */
export interface Scope {
  readonly says: string;
  readonly fields: Readonly<Record<string, Field<never>>>;
  /** `plain`: `annotation`; `sided`: `source.annotation` and `destination.annotation`. */
  readonly annotations: 'plain' | 'sided' | 'none';
  /** Whether service, edge, group and rootcause are allowed here. */
  readonly whole: boolean;
}

export const TRACE: Scope = {
  says: 'a trace',
  fields: TRACE_FIELDS,
  annotations: 'plain',
  whole: true,
};
export const SERVICE: Scope = {
  says: 'a service block',
  fields: SERVICE_FIELDS,
  annotations: 'plain',
  whole: false,
};
export const EDGE: Scope = {
  says: 'an edge block',
  fields: EDGE_FIELDS,
  annotations: 'sided',
  whole: false,
};

function causeScope(says: string, fields: Scope['fields']): Scope {
  return { says: `a block of ${says}`, fields, annotations: 'none', whole: false };
}

/** Every form of `rootcause.…` but `rootcause.json`. */
export const CAUSES: Readonly<
  Record<string, { cause: RootCauseKind; part?: CausePart; scope?: Scope }>
> = Object.fromEntries(
  (['fault', 'error', 'responsetime'] as const).flatMap((cause) => {
    const name = `rootcause.${cause}`;
    const timed = cause === 'responsetime';
    const part = (kind: CausePart, fields: Scope['fields']) =>
      [
        `${name}.${kind}`,
        { cause, part: kind, scope: causeScope(`${name}.${kind}`, fields) },
      ] as const;
    return [
      [name, { cause }] as const,
      part('service', CAUSE_SERVICE_FIELDS),
      part('entity', timed ? CAUSE_COVERED_FIELDS : CAUSE_ENTITY_FIELDS),
      ...(timed ? [] : [part('exception', CAUSE_EXCEPTION_FIELDS)]),
    ];
  }),
);

export const GROUPS: Readonly<Record<string, 'name' | 'arn'>> = {
  'group.name': 'name',
  groupname: 'name',
  'group.arn': 'arn',
};

export const NODE_KEYS: Readonly<Record<string, keyof NodePattern>> = {
  name: 'name',
  type: 'type',
  'account.id': 'accountId',
};

export const SYMBOLS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);
export const TEXT_OPERATORS: ReadonlySet<string> = new Set(['contains', 'beginswith', 'endswith']);
/** Operators by the type of the value they take. */
export const OPERATORS: Readonly<Record<Field<never>['type'], ReadonlySet<string>>> = {
  boolean: new Set(['=', '!=']),
  number: SYMBOLS,
  string: new Set(['=', '!=', ...TEXT_OPERATORS]),
};
export const RESERVED: ReadonlySet<string> = new Set([
  'and',
  'or',
  'true',
  'false',
  ...TEXT_OPERATORS,
]);
