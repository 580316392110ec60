import type { JSX } from 'preact';
import type { StatusName } from '../../trace/labels.ts';
import { Status } from '../ui/status.tsx';

const WORDS: readonly StatusName[] = ['ok', 'error', 'fault', 'throttle'];

/** Renders the legend of the ring colors. */
export function Legend(): JSX.Element {
  return (
    <ul class="legend" aria-label="Shares of the rings">
      {WORDS.map((word) => (
        <li key={word}>
          <Status word={word} />
        </li>
      ))}
    </ul>
  );
}
