import type { JSX } from 'preact';
import { asList, asObject, asText, type JsonObject } from '../../../json.ts';
import { flagsOf, lengthOf, statusOf, topOf } from '../../../trace/entity.ts';
import { durationText } from '../../../trace/labels.ts';
import { visible } from '../../../visible-text.ts';
import { bytesText, fullTimeText } from '../../format.ts';
import { traceIdOf, traceLink } from '../../route.ts';
import { type FieldRow, Fields } from '../../ui/fields.tsx';
import type { TabProps } from '../detail-panel.tsx';

export function OverviewTab({ entity, data }: TabProps): JSX.Element {
  const { record, parent, caller } = entity;
  const flags = flagsOf(record);
  const length = lengthOf(entity);
  return (
    <>
      <Fields
        rows={[
          { label: 'Name', value: entity.name },
          { label: 'Id', value: entity.id, mono: true },
          {
            label: 'Parent id',
            value: parent?.id ?? caller?.id ?? asText(record['parent_id']) ?? '',
            mono: true,
          },
          { label: 'Origin', value: asText(record['origin']) ?? '' },
          { label: 'Namespace', value: asText(record['namespace']) ?? '' },
          { label: 'User', value: asText(record['user']) ?? '' },
        ]}
      />
      <Fields
        title="Time"
        rows={[
          { label: 'Start', value: fullTimeText(entity.start) },
          {
            label: 'End',
            value: entity.end === undefined ? 'in progress' : fullTimeText(entity.end),
          },
          { label: 'Duration', value: length === undefined ? '' : durationText(length) },
          { label: 'Into the trace', value: durationText(Math.max(entity.start - data.start, 0)) },
        ]}
      />
      <Fields
        title="Errors and faults"
        rows={(['error', 'fault', 'throttle'] as const).map((flag) => ({
          label: flag.charAt(0).toUpperCase() + flag.slice(1),
          value: flags[flag] ? 'true' : 'false',
        }))}
      />
      <Fields title="Request and response" rows={httpRows(record)} />
      <Links links={asList(record['links'])} />
      <Wire entity={entity} data={data} />
    </>
  );
}

const REQUEST: readonly (readonly [label: string, key: string])[] = [
  ['Method', 'method'],
  ['URL', 'url'],
  ['Client IP', 'client_ip'],
  ['User agent', 'user_agent'],
];

function httpRows(record: JsonObject): readonly FieldRow[] {
  const http = asObject(record['http']);
  const request = asObject(http?.['request']);
  const length = asObject(http?.['response'])?.['content_length'];
  return [
    ...REQUEST.map(([label, key]) => ({ label, value: asText(request?.[key]) ?? '' })),
    { label: 'Status', value: String(statusOf(record) ?? '') },
    { label: 'Content length', value: typeof length === 'number' ? bytesText(length) : '' },
  ];
}

/** Traces that this one follows or is followed by. */
function Links({ links }: { readonly links: readonly unknown[] }): JSX.Element | null {
  const rows = links.flatMap((link, index): readonly FieldRow[] => {
    const id = asText(asObject(link)?.['trace_id']);
    if (id === undefined) return [];
    const known = traceIdOf(id);
    const text = <span class="mono">{visible(id)}</span>;
    return [
      { label: `Trace ${index + 1}`, value: known ? <a href={traceLink(known)}>{text}</a> : text },
    ];
  });
  return <Fields title="Linked traces" rows={rows} />;
}

/** How it came here: alone, or inside another document. */
function Wire({ entity, data }: TabProps): JSX.Element | null {
  const documents = data.arrived?.documents ?? [];
  const own = documents.find(({ id }) => id === entity.id);
  const holder = own ?? documents.find(({ body }) => body.includes(`"${entity.id}"`));
  if (holder === undefined) return null;
  const isTop = topOf(entity) === entity;
  const how = own
    ? isTop
      ? 'a document of its own'
      : 'alone, after or before its parent (streamed)'
    : `nested in the document of ${holder.id}`;
  return (
    <Fields
      title="Sent as"
      rows={[
        { label: 'Sent', value: how },
        { label: 'Document size', value: `${bytesText(holder.bytes)} of 64 KB` },
        { label: 'Came by', value: holder.via === 'udp' ? 'UDP' : holder.via },
        { label: 'Arrived', value: fullTimeText(holder.arrived) },
        ...(holder.notes ?? []).map(({ path, reason }) => ({ label: path, value: reason })),
      ]}
    />
  );
}
