import type { JSX } from 'preact';
import { asList, asObject, asText, type JsonObject } from '../../../json.ts';
import { flagsOf, lengthOf, statusOf, topOf } from '../../../trace/entity.ts';
import { durationText } from '../../../trace/labels.ts';
import { modelUsage } from '../../../trace/model-usage.ts';
import { selfTime } from '../../../trace/self-time.ts';
import { visible } from '../../../visible-text.ts';
import { annotationIs, entityTest, fieldIs, nodeIs, nodeOfEntity } from '../../conditions.ts';
import { bytesText, fullTimeText } from '../../format.ts';
import { traceIdOf, traceLink } from '../../route.ts';
import { Copy } from '../../ui/copy.tsx';
import { type FieldRow, Fields } from '../../ui/fields.tsx';
import { curlCommand } from '../curl.ts';
import type { TabProps } from './tab-props.ts';

export function OverviewTab({ entity, data }: TabProps): JSX.Element {
  const { record, parent, caller } = entity;
  const root = data.tops.find(({ kind }) => kind === 'segment') ?? data.tops[0];
  const test = (text: string): string | undefined => entityTest(entity, root, text);
  const node = nodeOfEntity(entity);
  const user = asText(record['user']) ?? '';
  const flags = flagsOf(record);
  const length = lengthOf(entity);
  const self = selfTime(entity);
  return (
    <>
      <Fields
        rows={[
          { label: 'Name', value: entity.name, condition: node && nodeIs(node) },
          { label: 'ID', value: entity.id, mono: true },
          {
            label: 'Parent ID',
            value: parent?.id ?? caller?.id ?? asText(record['parent_id']) ?? '',
            mono: true,
          },
          { label: 'Origin', value: asText(record['origin']) ?? '' },
          { label: 'Namespace', value: asText(record['namespace']) ?? '' },
          { label: 'User', value: user, condition: user && fieldIs('user', user) },
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
          { label: 'Self time', value: self === undefined ? '' : durationText(self) },
          { label: 'Starts after', value: durationText(Math.max(entity.start - data.start, 0)) },
        ]}
      />
      <Fields
        title="Errors and faults"
        rows={(['error', 'fault', 'throttle'] as const).map((flag) => ({
          label: flag.charAt(0).toUpperCase() + flag.slice(1),
          value: flags[flag] ? 'Yes' : 'No',
          condition: flags[flag] ? test(flag) : undefined,
        }))}
      />
      <Fields title="Request and response" rows={httpRows(record, test)} />
      <Fields title="Model" rows={modelRows(record)} />
      <CurlButton record={record} />
      <Links links={asList(record['links'])} />
      <Receipt entity={entity} data={data} />
    </>
  );
}

function modelRows(record: JsonObject): readonly FieldRow[] {
  const { model = '', inputTokens, outputTokens } = modelUsage(record) ?? {};
  return [
    {
      label: 'Model',
      value: model,
      condition: model === '' ? undefined : annotationIs('gen_ai.request.model', model),
    },
    { label: 'Input tokens', value: String(inputTokens ?? '') },
    { label: 'Output tokens', value: String(outputTokens ?? '') },
  ];
}

function CurlButton({ record }: { readonly record: JsonObject }): JSX.Element | null {
  const command = curlCommand(record);
  if (command === undefined) return null;
  return (
    <p class="field-action">
      <Copy text={command} what="the request as a curl command" label="Copy as curl" />
    </p>
  );
}

const REQUEST: readonly (readonly [label: string, key: string, keyword: string])[] = [
  ['Method', 'method', 'http.method'],
  ['URL', 'url', 'http.url'],
  ['Client IP', 'client_ip', 'http.clientip'],
  ['User agent', 'user_agent', 'http.useragent'],
];
/** Keywords that the filter language has in blocks of calls. */
const OF_CALLS = new Set(['http.method', 'http.url', 'http.status']);

function httpRows(
  record: JsonObject,
  test: (text: string) => string | undefined,
): readonly FieldRow[] {
  const http = asObject(record['http']);
  const request = asObject(http?.['request']);
  const length = asObject(http?.['response'])?.['content_length'];
  const status = statusOf(record);
  return [
    ...REQUEST.map(([label, key, keyword]) => {
      const value = asText(request?.[key]) ?? '';
      const isCall = record['namespace'] !== undefined;
      const usable = value !== '' && (!isCall || OF_CALLS.has(keyword));
      return { label, value, condition: usable ? test(fieldIs(keyword, value)) : undefined };
    }),
    {
      label: 'Status',
      value: String(status ?? ''),
      condition: status === undefined ? undefined : test(fieldIs('http.status', status)),
    },
    { label: 'Content length', value: typeof length === 'number' ? bytesText(length) : '' },
  ];
}

/** Renders the traces that the document links to. */
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

const VIA: Readonly<Record<string, string>> = {
  udp: 'UDP',
  api: 'PutTraceSegments',
  otlp: 'OTLP over UDP',
  replay: 'Replay of a recording',
  file: 'Opened file',
};

function viaText(via: string): string {
  return VIA[via] ?? via;
}

/** Returns whether it was received alone or inside another document. */
function Receipt({ entity, data }: TabProps): JSX.Element | null {
  const documents = data.arrived?.documents ?? [];
  const own = documents.find(({ id }) => id === entity.id);
  const holder = own ?? documents.find(({ body }) => body.includes(`"${entity.id}"`));
  if (holder === undefined) return null;
  const isTop = topOf(entity) === entity;
  const how = own
    ? isTop
      ? 'as a separate document'
      : 'separately from its parent'
    : `nested in the document of ${holder.id}`;
  return (
    <Fields
      title="How it was received"
      rows={[
        { label: 'Document', value: how },
        { label: 'Document size', value: `${bytesText(holder.bytes)} of 64 KB` },
        { label: 'Received by', value: viaText(holder.via) },
        { label: 'Received at', value: fullTimeText(holder.arrived) },
        ...(holder.notes ?? []).map(({ path, reason }) => ({ label: path, value: reason })),
      ]}
    />
  );
}
