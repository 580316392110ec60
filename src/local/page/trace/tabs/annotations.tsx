import type { JSX } from 'preact';
import { asObject } from '../../../json.ts';
import { visible } from '../../../visible-text.ts';
import { quoted } from '../../list/seen.ts';
import { linkTo } from '../../route.ts';
import type { TabProps } from '../detail-panel.tsx';
import { Nothing } from './nothing.tsx';

/** Annotations are indexed: each is a link to the traces that have it, too. */
export function AnnotationsTab({ entity }: TabProps): JSX.Element {
  const entries = Object.entries(asObject(entity.record['annotations']) ?? {});
  if (entries.length === 0) return <Nothing>No annotations.</Nothing>;
  return (
    <>
      <p class="tab-note">Indexed by X-Ray: traces can be found by them.</p>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">
              <span class="unseen">Find</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(([key, value]) => (
            <tr key={key}>
              <th scope="row" class="mono">
                {visible(key)}
              </th>
              <td class="mono">{visible(String(value))}</td>
              <td>
                <a
                  href={linkTo('traces', { filter: filterOf(key, value) })}
                  aria-label={`Traces with the same ${visible(key)}`}
                >
                  Find
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function filterOf(key: string, value: unknown): string {
  return `annotation[${key}] = ${typeof value === 'string' ? quoted(value) : String(value)}`;
}
