import type { JSX } from 'preact';
import { asObject, asText } from '../../../json.ts';
import { visible } from '../../../visible-text.ts';
import { Copy } from '../../ui/copy.tsx';
import { Fields } from '../../ui/fields.tsx';
import { Nothing } from './nothing.tsx';
import type { TabProps } from './tab-props.ts';

const FIELDS: readonly (readonly [label: string, key: string])[] = [
  ['URL', 'url'],
  ['Connection', 'connection_string'],
  ['Database', 'database_type'],
  ['Version', 'database_version'],
  ['Driver', 'driver_version'],
  ['User', 'user'],
  ['Preparation', 'preparation'],
];

export function SqlTab({ entity }: TabProps): JSX.Element {
  const sql = asObject(entity.record['sql']);
  if (sql === undefined) return <Nothing>No SQL call.</Nothing>;
  const query = asText(sql['sanitized_query']);
  return (
    <>
      <Fields
        rows={FIELDS.map(([label, key]) => ({ label, value: asText(sql[key]) ?? '', mono: true }))}
      />
      {query === undefined ? (
        <Nothing>
          The document has no query text. Set AWS_XRAY_COLLECT_SQL_QUERIES=1 to record it.
        </Nothing>
      ) : (
        <section class="fields">
          <h3>Query</h3>
          <div class="json">
            <Copy text={query} what="the query" />
            <pre>{visible(query)}</pre>
          </div>
        </section>
      )}
    </>
  );
}
