import type { JSX } from 'preact';
import type { AnalyticsGroup } from '../../analytics/analytics.ts';
import { durationText } from '../../trace/labels.ts';
import { resourceName } from '../../trace/resource-name.ts';
import { lineText } from '../../visible-text.ts';
import { withCondition, without } from '../conditions.ts';
import { countText, percentText } from '../format.ts';
import { type Column, TableHead } from '../ui/table-head.tsx';

/** Renders the values of a grouping; each filters this page, or is excluded from it. */
export function GroupTable(props: {
  readonly groups: readonly AnalyticsGroup[];
  readonly moreGroups: number;
  readonly filter: string;
  /** Address of this page with another filter. */
  readonly link: (filter: string) => string;
}): JSX.Element {
  const { groups, filter, link } = props;
  const most = Math.max(1, ...groups.map(({ count }) => count));
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Groups">
      <table class="data groups">
        <TableHead columns={COLUMNS} />
        <tbody>
          {groups.map((group) => {
            const { value, condition, count } = group;
            const text = lineText(value, 120);
            return (
              <tr key={value}>
                <th scope="row">
                  {condition ? (
                    <a href={link(withCondition(filter, condition))} title={text}>
                      <bdi>{lineText(resourceName(value), 80)}</bdi>
                    </a>
                  ) : (
                    <bdi>{text}</bdi>
                  )}
                </th>
                <td class="num with-bar">
                  <span class="count-bar" style={{ '--share': (count / most).toFixed(3) }} />
                  {countText(count)}
                </td>
                <Share count={group.fault} of={count} class="is-fault" />
                <Share count={group.error + group.throttle} of={count} class="is-error" />
                {QUANTILES.map((name) => (
                  <td key={name} class="num mono">
                    {durationText(group[name] ?? 0)}
                  </td>
                ))}
                <td>
                  {condition && (
                    <span class="value-filter">
                      <a
                        href={link(withCondition(filter, condition))}
                        title="Only traces with this value"
                        aria-label={`Only traces with ${text}`}
                      >
                        +
                      </a>
                      <a
                        href={link(withCondition(filter, without(condition)))}
                        title="Exclude traces with this value"
                        aria-label={`Exclude traces with ${text}`}
                      >
                        −
                      </a>
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {groups.length === 0 && <p class="nothing">No trace has a value for this group.</p>}
      {props.moreGroups > 0 && (
        <p class="nothing">{countText(props.moreGroups)} more values with fewer traces.</p>
      )}
    </div>
  );
}

const QUANTILES = ['p50', 'p90', 'p99'] as const;

const COLUMNS: readonly Column[] = [
  'Value',
  { num: 'Traces' },
  { num: 'Faults' },
  { num: 'Errors' },
  ...QUANTILES.map((num) => ({ num })),
  { unseen: 'Filter' },
];

function Share(props: {
  readonly count: number;
  readonly of: number;
  readonly class: string;
}): JSX.Element {
  const { count, of } = props;
  return (
    <td class={`num ${count > 0 ? `tone ${props.class}` : 'muted'}`}>
      {count === 0 ? '–' : `${countText(count)} (${percentText(count / of)})`}
    </td>
  );
}
