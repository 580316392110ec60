import type { JSX } from 'preact';
import { asObject } from '../../../json.ts';
import { visible } from '../../../visible-text.ts';
import { annotationIs } from '../../conditions.ts';
import { TableHead } from '../../ui/table-head.tsx';
import { ValueFilter } from '../../ui/value-filter.tsx';
import { Nothing } from './nothing.tsx';
import type { TabProps } from './tab-props.ts';

/** Renders the annotations, each with links that filter the list by it. */
export function AnnotationsTab({ entity }: TabProps): JSX.Element {
  const entries = Object.entries(asObject(entity.record['annotations']) ?? {});
  if (entries.length === 0) return <Nothing>No annotations.</Nothing>;
  return (
    <>
      <p class="tab-note">X-Ray indexes annotations: traces can be filtered by them.</p>
      <table class="data">
        <TableHead columns={['Key', 'Value', { unseen: 'Filter' }]} />
        <tbody>
          {entries.map(([key, value]) => (
            <tr key={key}>
              <th scope="row" class="mono">
                {visible(key)}
              </th>
              <td class="mono">{visible(String(value))}</td>
              <td>
                <ValueFilter condition={annotationIs(key, value)} what={`this ${visible(key)}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
