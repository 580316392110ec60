import type { JSX } from 'preact';
import { RANGES } from '../time-range.ts';

/** Links to the same place with other time ranges. */
export function RangePicker(props: {
  readonly selected: string;
  readonly link: (key: string) => string;
}): JSX.Element {
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
    </nav>
  );
}
