import type { JSX } from 'preact';
import { withCondition, without } from '../conditions.ts';
import { lastList } from '../list/last-list.ts';
import { linkTo } from '../route.ts';

/** Renders links that add a value to the filter of the list, or exclude it. */
export function ValueFilter(props: {
  /** Filter expression that traces with the value satisfy. */
  readonly condition: string;
  /** The value for a screen reader, e.g. `user alice`. */
  readonly what: string;
}): JSX.Element {
  const { condition, what } = props;
  const { filter, range } = lastList.value;
  const link = (more: string): string =>
    linkTo('traces', { filter: withCondition(filter, more), range });
  return (
    <span class="value-filter">
      <a
        href={link(condition)}
        title="Show traces with this value"
        aria-label={`Show traces with ${what}`}
      >
        +
      </a>
      <a
        href={link(without(condition))}
        title="Exclude traces with this value"
        aria-label={`Exclude traces with ${what}`}
      >
        −
      </a>
    </span>
  );
}
