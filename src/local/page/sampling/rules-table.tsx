import type { JSX } from 'preact';
import { rateText } from '../../../rate-text.ts';
import { visible } from '../../visible-text.ts';
import type { SamplingRule } from '../api-types.ts';
import { countText, percentText } from '../format.ts';
import type { RuleCounters } from '../local-types.ts';
import { type Column, TableHead } from '../ui/table-head.tsx';

const COLUMNS: readonly Column[] = [
  { num: 'Priority' },
  'Rule',
  'Matches',
  { num: 'Reservoir' },
  { num: 'Rate' },
  { num: 'Requests' },
  { num: 'Sampled' },
  { num: 'Borrowed' },
  { unseen: 'Change' },
];

/** Renders the rules in the order in which they are tried. */
export function RulesTable(props: {
  readonly rules: readonly RuleCounters[];
  readonly selected: string;
  readonly onEdit: (name: string) => void;
}): JSX.Element {
  return (
    <section class="section">
      <h2>Rules</h2>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Sampling rules">
        <table class="data rules">
          <TableHead columns={COLUMNS} />
          <tbody>
            {props.rules.map((counters) => (
              <RuleRow key={counters.rule.RuleName} {...props} counters={counters} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function RuleRow(props: {
  readonly counters: RuleCounters;
  readonly selected: string;
  readonly onEdit: (name: string) => void;
}): JSX.Element {
  const { rule, requests, sampled, borrowed } = props.counters;
  const name = visible(rule.RuleName);
  return (
    <tr class={rule.RuleName === props.selected ? 'active' : ''}>
      <td class="num">{rule.Priority}</td>
      <th scope="row">{name}</th>
      <td class="fits">{fitsText(rule)}</td>
      <td class="num">{rule.ReservoirSize}/s</td>
      <td class="num">{rateText(rule.FixedRate)}</td>
      <td class="num">{countText(requests)}</td>
      <td class="num">
        {countText(sampled)}
        {requests > 0 && <span class="muted"> {percentText(sampled / requests)}</span>}
      </td>
      <td class="num">{countText(borrowed)}</td>
      <td>
        <button
          type="button"
          onClick={() => props.onEdit(rule.RuleName)}
          aria-label={`Edit ${name}`}
        >
          Edit
        </button>
      </td>
    </tr>
  );
}

/** Returns the conditions that are not `*`, as text. */
function fitsText(rule: SamplingRule): string {
  const parts = [
    rule.HTTPMethod === '*' ? '' : rule.HTTPMethod,
    rule.URLPath === '*' ? '' : rule.URLPath,
    rule.ServiceName === '*' ? '' : `service ${rule.ServiceName}`,
    rule.ServiceType === '*' ? '' : `type ${rule.ServiceType}`,
    rule.Host === '*' ? '' : `host ${rule.Host}`,
    rule.ResourceARN === '*' ? '' : `resource ${rule.ResourceARN}`,
    ...Object.entries(rule.Attributes ?? {}).map(([key, value]) => `${key} = ${value}`),
  ].filter(Boolean);
  return parts.length === 0 ? 'all requests' : visible(parts.join(' · '));
}
