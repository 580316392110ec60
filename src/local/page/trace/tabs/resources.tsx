import type { JSX } from 'preact';
import { asList, asObject, asText, type JsonObject } from '../../../json.ts';
import { topOf } from '../../../trace/entity.ts';
import { fieldIs } from '../../conditions.ts';
import { type FieldRow, Fields } from '../../ui/fields.tsx';
import { Nothing } from './nothing.tsx';
import type { TabProps } from './tab-props.ts';

/** Blocks of `aws` that describe where the segment ran. */
const PLACES: readonly (readonly [key: string, title: string])[] = [
  ['ec2', 'EC2'],
  ['ecs', 'ECS'],
  ['eks', 'EKS'],
  ['elastic_beanstalk', 'Elastic Beanstalk'],
  ['xray', 'X-Ray'],
];

/** Keywords of the filter language for fields of these blocks. */
const KEYWORDS: Readonly<Record<string, string>> = {
  availability_zone: 'availabilityzone',
  instance_id: 'instance.id',
  container_arn: 'resource.arn',
  arn: 'resource.arn',
};

export function ResourcesTab({ entity }: TabProps): JSX.Element {
  const aws = asObject(entity.record['aws']) ?? {};
  const top = topOf(entity);
  const blocks = [
    {
      title: entity.parent ? 'AWS call' : 'AWS',
      rows: rowsOf(aws, new Set([...PLACES.map(([key]) => key), 'cloudwatch_logs'])),
    },
    ...PLACES.map(([key, title]) => ({ title, rows: rowsOf(asObject(aws[key]) ?? {}) })),
    { title: 'Service', rows: rowsOf(asObject(entity.record['service']) ?? {}) },
    { title: 'Log groups', rows: logGroups(aws) },
    { title: 'Resource', rows: rowsOf({ arn: entity.record['resource_arn'] }) },
  ].filter(({ rows }) => rows.length > 0);
  if (blocks.length === 0) {
    return (
      <Nothing>
        {entity === top
          ? 'This segment has no data about where it ran.'
          : 'No AWS data. Its segment shows where the code ran.'}
      </Nothing>
    );
  }
  return (
    <>
      {blocks.map(({ title, rows }) => (
        <Fields key={title} title={title} rows={rows} />
      ))}
    </>
  );
}

function rowsOf(block: JsonObject, without: ReadonlySet<string> = new Set()): readonly FieldRow[] {
  return Object.entries(block)
    .filter(([key, value]) => !without.has(key) && value !== undefined && value !== null)
    .map(([key, value]) => {
      const keyword = KEYWORDS[key];
      const condition = keyword && typeof value === 'string' ? fieldIs(keyword, value) : undefined;
      return { label: labelOf(key), value: textOf(value), mono: true, condition };
    });
}

function logGroups(aws: JsonObject): readonly FieldRow[] {
  return asList(aws['cloudwatch_logs']).flatMap((entry) => {
    const group = asText(asObject(entry)?.['log_group']);
    return group === undefined ? [] : [{ label: 'Log group', value: group, mono: true }];
  });
}

/** Returns the label of a key: `table_name` → `Table name`, `topic_arn` → `Topic ARN`. */
function labelOf(key: string): string {
  const words = key
    .replaceAll('_', ' ')
    .replace(/\b(?:arn|id|ip|sdk|url)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
