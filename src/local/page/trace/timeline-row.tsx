import type { JSX } from 'preact';
import { flagsOf, lengthOf, statusOf } from '../../trace/entity.ts';
import { durationText, statusName, summaryParts } from '../../trace/labels.ts';
import { selfTime } from '../../trace/self-time.ts';
import { cut, lineText } from '../../visible-text.ts';
import { countText } from '../format.ts';
import type { RowAttributes } from '../ui/grid.tsx';
import { Status, statusClass, statusLabel } from '../ui/status.tsx';
import type { Interval } from './analysis.ts';
import type { Row } from './rows.ts';
import { barOf, type Scale, visibleIntervals } from './scale.ts';

/** Deeper lines are not indented further. */
const MAX_INDENT = 12;

export function TimelineRow(props: {
  readonly row: Row;
  readonly attributes: RowAttributes;
  readonly scale: Scale;
  readonly isFound: boolean;
  /** Where it is on the critical path. */
  readonly path: readonly Interval[];
  readonly onToggle: (row: Row) => void;
}): JSX.Element {
  const { row, attributes, scale, isFound, onToggle } = props;
  const { entity, depth, hasChildren, expanded, group } = row;
  const status = group?.status ?? statusName(flagsOf(entity.record), entity.end === undefined);
  const length = group ? group.seconds : lengthOf(entity);
  const self = group ? undefined : selfTime(entity);
  const hint = lineText(summaryParts(entity).join(' '));
  const isTop = entity.parent === undefined;
  const offset = durationText(Math.max(entity.start - scale.start, 0));
  const classes = [attributes.class, isTop ? 'top' : '', isFound ? 'found' : ''];
  return (
    <div
      {...attributes}
      class={classes.filter(Boolean).join(' ')}
      aria-level={depth + 1}
      aria-expanded={hasChildren ? expanded : undefined}
      aria-selected={attributes.class.includes('active')}
      onDblClick={() => group && onToggle(row)}
    >
      <span role="gridcell" class="t-name" style={{ '--depth': Math.min(depth, MAX_INDENT) }}>
        {/* The row itself is operated by keys; this is for the mouse. */}
        <span
          class={`twist ${hasChildren ? '' : 'leaf'} ${expanded ? 'open' : ''}`}
          aria-hidden="true"
          onMouseDown={(event) => {
            event.stopPropagation();
            if (hasChildren) onToggle(row);
          }}
        />
        <bdi class="name" title={lineText(entity.name, 1_000)}>
          {lineText(entity.name, 200)}
        </bdi>
        {group && (
          <span class="repeats">
            ×{countText(group.members.length)}
            <span class="unseen"> calls</span>
          </span>
        )}
        <bdi class="hint" title={hint}>
          {cut(hint, 160)}
        </bdi>
      </span>
      <span role="gridcell" class="t-status">
        <Status word={status} />
      </span>
      <span role="gridcell" class="t-code mono">
        {(group ? undefined : statusOf(entity.record)) ?? '–'}
      </span>
      <span role="gridcell" class="t-duration mono" title={group && 'Sum of all calls'}>
        {length === undefined ? '…' : durationText(length)}
      </span>
      <span role="gridcell" class="t-self mono">
        {self === undefined ? '–' : durationText(self)}
      </span>
      <span
        role="gridcell"
        class="t-bar"
        aria-label={`starts after ${offset}, ${statusLabel(status)}`}
      >
        {scale.ticks.map((seconds) => (
          <span key={seconds} class="rule" style={{ left: `${(seconds / scale.length) * 100}%` }} />
        ))}
        {group &&
          visibleIntervals(scale, group.members).map(({ start, end }) => (
            <Bar
              key={start}
              scale={scale}
              start={start}
              end={end}
              class={`bar member ${statusClass(status)}`}
            />
          ))}
        {!group && (
          <Bar
            scale={scale}
            start={entity.start}
            end={entity.end}
            class={`bar ${statusClass(status)} ${isTop ? 'of-segment' : ''}`}
          />
        )}
        {visibleIntervals(scale, props.path).map(({ start, end }) => (
          <Bar key={start} scale={scale} start={start} end={end} class="critical" />
        ))}
      </span>
    </div>
  );
}

function Bar(props: {
  readonly scale: Scale;
  readonly start: number;
  readonly end: number | undefined;
  readonly class: string;
}): JSX.Element {
  const { left, width } = barOf(props.scale, props.start, props.end);
  return <span class={props.class} style={{ left: `${left * 100}%`, width: `${width * 100}%` }} />;
}
