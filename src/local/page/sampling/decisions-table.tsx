import type { JSX } from 'preact';
import { lineText } from '../../visible-text.ts';
import { timeText } from '../format.ts';
import { traceLink } from '../route.ts';
import { Status } from '../ui/status.tsx';
import { TableHead } from '../ui/table-head.tsx';
import type { Decision } from './decisions.ts';

/** Renders the requests with the rule that sampled them, newest first. */
export function Decisions({ decisions }: { readonly decisions: readonly Decision[] }): JSX.Element {
  return (
    <section class="section">
      <h2>Latest sampled requests</h2>
      {decisions.length === 0 ? (
        <p class="nothing">No traces yet.</p>
      ) : (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Latest sampled requests">
          <table class="data decisions">
            <TableHead columns={['Time', 'Rule', 'Status', 'Request', 'Service']} />
            <tbody>
              {decisions.map(({ item, rule }) => (
                <tr key={item.id}>
                  <td class="mono">{timeText(item.start, Date.now())}</td>
                  <td>
                    {rule === undefined ? <span class="muted">unknown</span> : lineText(rule, 64)}
                  </td>
                  <td>
                    <Status word={item.status} />
                  </td>
                  <td>
                    <a href={traceLink(item.id)}>
                      <bdi>
                        {lineText(
                          [item.method, item.url].filter(Boolean).join(' ') || item.id,
                          120,
                        )}
                      </bdi>
                    </a>
                  </td>
                  <td>
                    <bdi>{lineText(item.entry, 60)}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
