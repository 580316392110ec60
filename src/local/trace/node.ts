import { asObject, asText, type JsonObject } from '../json.ts';
import type { Entity } from './entity.ts';

/** A node of the trace map: what X-Ray calls a ServiceId. */
export interface Node {
  readonly name: string;
  /** Absent for a segment without `origin`. */
  readonly type: string | undefined;
  readonly accountId: string | undefined;
}

/** Resources that a call can lead to; the first match wins (docs/spec/xray-api.md section 5.3). */
const RESOURCES: readonly {
  readonly type: string;
  readonly name: (call: JsonObject, aws: JsonObject) => string | undefined;
}[] = [
  {
    type: 'Database::SQL',
    name: (call) => (asObject(call['sql']) ? asText(call['name']) : undefined),
  },
  {
    type: 'AWS::DynamoDB::Table',
    name: (call, aws) => (isAws(call, 'dynamodb') ? asText(aws['table_name']) : undefined),
  },
  {
    type: 'AWS::SQS::Queue',
    name: (call, aws) => (isAws(call, 'sqs') ? asText(aws['queue_url']) : undefined),
  },
];

/** Returns the node that a call leads to when the called side sends no segment. */
export function calledNode(call: JsonObject): Node {
  const aws = asObject(call['aws']) ?? {};
  const accountId = asText(aws['account_id']);
  for (const { type, name } of RESOURCES) {
    const found = name(call, aws);
    if (found !== undefined && found !== '') return { name: found, type, accountId };
  }
  const name = asText(call['name']) ?? '';
  return { name, type: call['namespace'] === 'aws' ? `AWS::${name}` : 'remote', accountId };
}

/** Returns the node of a segment, an inferred segment or an orphan. */
export function nodeOf(top: Entity): Node {
  if (top.kind === 'inferred' && top.caller) return calledNode(top.caller.record);
  return {
    name: top.name,
    type: asText(top.record['origin']),
    accountId: asText(asObject(top.record['aws'])?.['account_id']),
  };
}

/** Returns the node that requests to the entry of a trace come from. */
export function clientNode(root: Entity): Node {
  return { name: root.name, type: 'client', accountId: undefined };
}

/** Returns a text that identifies a node. */
export function nodeKey({ name, type, accountId }: Node): string {
  return JSON.stringify([name, type ?? null, accountId ?? null]);
}

function isAws(call: JsonObject, service: string): boolean {
  return call['namespace'] === 'aws' && asText(call['name'])?.toLowerCase() === service;
}
