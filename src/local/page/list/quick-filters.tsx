import type { ComponentChildren, JSX } from 'preact';
import type { StatusName } from '../../trace/labels.ts';
import { linkTo } from '../route.ts';
import { StatusShape } from '../ui/status.tsx';

const QUICK: readonly {
  readonly filter: string;
  readonly label: string;
  readonly word?: StatusName;
}[] = [
  { filter: '', label: 'All' },
  { filter: 'fault', label: 'Faults', word: 'fault' },
  { filter: 'error', label: 'Errors', word: 'error' },
  { filter: 'throttle', label: 'Throttled', word: 'throttle' },
  { filter: 'partial', label: 'In progress', word: 'in progress' },
  { filter: 'responsetime > 1', label: 'Slower than 1 s' },
];

/** Renders links to filters that are used often. */
export function QuickFilters(props: {
  readonly filter: string;
  readonly range: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <nav class="chips" aria-label="Filters">
      {QUICK.map(({ filter, label, word }) => (
        <a
          key={filter}
          href={linkTo('traces', { filter, range: props.range })}
          aria-current={filter === props.filter ? 'true' : undefined}
        >
          {word && <StatusShape word={word} />}
          {label}
        </a>
      ))}
      {props.children}
    </nav>
  );
}
