import type { JSX } from 'preact';
import { visible } from '../../visible-text.ts';
import { agoText, countText } from '../format.ts';
import type { RuleCounters } from '../local-types.ts';
import { type Column, TableHead } from '../ui/table-head.tsx';

const COLUMNS: readonly Column[] = [
  'Client',
  'Rule',
  'Last report',
  { num: 'Quota' },
  { num: 'Requests' },
  { num: 'Sampled' },
  { num: 'Borrowed' },
];

/** Renders the processes that report, with their share of each reservoir. */
export function Pollers({ rules }: { readonly rules: readonly RuleCounters[] }): JSX.Element {
  const rows = rules.flatMap(({ rule, pollers }) => pollers.map((poller) => ({ rule, poller })));
  return (
    <section class="section">
      <h2>Clients</h2>
      {rows.length === 0 ? (
        <p class="nothing">
          No client has reported in the last 30 s. Apps with the remote sampler report after
          requests.
        </p>
      ) : (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Clients that report">
          <table class="data">
            <TableHead columns={COLUMNS} />
            <tbody>
              {rows.map(({ rule, poller }) => (
                <tr key={`${rule.RuleName} ${poller.clientId}`}>
                  <th scope="row" class="mono">
                    {visible(poller.clientId)}
                  </th>
                  <td>{visible(rule.RuleName)}</td>
                  <td>{agoText(poller.lastReport, Date.now())}</td>
                  <td class="num">{poller.quota === undefined ? '–' : `${poller.quota}/s`}</td>
                  <td class="num">{countText(poller.requests)}</td>
                  <td class="num">{countText(poller.sampled)}</td>
                  <td class="num">{countText(poller.borrowed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
