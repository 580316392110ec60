import type { JSX } from 'preact';
import { cut, visible } from '../../visible-text.ts';
import type { LogLines } from '../local-types.ts';

const LINE = 4_000;

/** Renders the lines of the configured log files that name this trace. */
export function Logs({ logs }: { readonly logs: LogLines }): JSX.Element | null {
  if (logs.files.length === 0) return null;
  return (
    <section class="logs">
      <h2>Logs</h2>
      {logs.lines.length === 0 ? (
        <p class="nothing">
          No line of {visible(logs.files.join(', '))} contains the id of this trace.
        </p>
      ) : (
        <div class="log-lines" tabIndex={0} role="region" aria-label="Log lines of this trace">
          <ol>
            {logs.lines.map(({ text }, index) => (
              <li key={index}>{visible(cut(text, LINE))}</li>
            ))}
          </ol>
        </div>
      )}
      <p class="muted">
        From {visible(logs.files.join(', '))}
        {logs.more ? '; more lines are not shown' : ''}
      </p>
    </section>
  );
}
