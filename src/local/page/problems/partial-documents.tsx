import type { JSX } from 'preact';
import { lineText, visible } from '../../visible-text.ts';
import { timeText } from '../format.ts';
import type { PartialDocument } from '../local-types.ts';
import { traceLink } from '../route.ts';
import { StatusShape } from '../ui/status.tsx';

/**
 * Renders the documents of the newest traces that X-Ray accepts but stores or indexes only in part.
 */
export function PartialDocuments(props: {
  readonly documents: readonly PartialDocument[];
}): JSX.Element {
  return (
    <section class="section">
      <h2>Stored only in part</h2>
      <ol class="problems" aria-label="Documents that X-Ray stores only in part">
        {props.documents.map(({ traceId, id, name, arrived, notes }) => (
          <li class="problem" key={`${traceId} ${id}`}>
            <div class="problem-head">
              <StatusShape word="error" />
              <a class="reason" href={traceLink(traceId, { at: id })}>
                <bdi>{lineText(name, 100)}</bdi>
              </a>
              <time class="mono muted">{timeText(arrived, Date.now())}</time>
            </div>
            <ul class="notes">
              {notes.map(({ path, reason }) => (
                <li key={`${path} ${reason}`}>
                  <span class="mono">{visible(path)}</span> {visible(reason)}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}
