import type { JSX } from 'preact';
import { durationText } from '../../trace/labels.ts';
import { lineText } from '../../visible-text.ts';
import { timeText } from '../format.ts';
import type { LinkedTrace } from '../local-types.ts';
import { traceLink } from '../route.ts';
import { StatusShape } from '../ui/status.tsx';

/**
 * Renders the traces before and after this one, e.g. of the sender and the receivers of a message.
 */
export function LinkedTraces(props: {
  readonly linked: readonly LinkedTrace[];
}): JSX.Element | null {
  if (props.linked.length === 0) return null;
  return (
    <section class="linked" aria-label="Linked traces">
      <h2>Linked traces</h2>
      <ul>
        {props.linked.map(({ id, direction, trace }) => (
          <li key={`${direction} ${id}`}>
            <span class="muted direction">{direction === 'to' ? 'Links to' : 'Linked from'}</span>
            <a href={traceLink(id)}>
              {trace ? (
                <>
                  <StatusShape word={trace.status} />
                  <bdi>{lineText([trace.name, trace.what].filter(Boolean).join(' '), 120)}</bdi>
                </>
              ) : (
                <span class="mono">{id}</span>
              )}
            </a>
            {trace && (
              <span class="muted">
                {trace.responseTime === undefined
                  ? 'in progress'
                  : durationText(trace.responseTime)}
                , {timeText(trace.start, Date.now())}
              </span>
            )}
            {!trace && <span class="muted">not received</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
