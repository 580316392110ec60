import type { JSX } from 'preact';
import { timeText } from '../format.ts';
import { chosenRange, RANGES } from '../time-range.ts';

/** Renders links to the same place with other time ranges. */
export function RangePicker(props: {
  readonly selected: string;
  readonly link: (key: string) => string;
}): JSX.Element {
  const chosen = chosenRange(props.selected);
  return (
    <nav class="segmented" aria-label="Time range">
      {RANGES.map(({ key, label }) => (
        <a
          key={key}
          href={props.link(key)}
          aria-current={key === props.selected ? 'true' : undefined}
        >
          {label}
        </a>
      ))}
      {chosen && (
        <a href={props.link(props.selected)} aria-current="true">
          {timeText(chosen.start, Date.now()).replace(/\.\d+$/, '')} –{' '}
          {timeText(chosen.end, Date.now()).replace(/\.\d+$/, '')}
        </a>
      )}
    </nav>
  );
}
