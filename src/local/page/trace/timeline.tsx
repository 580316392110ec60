import type { JSX } from 'preact';
import { flagsOf, lengthOf, statusOf } from '../../trace/entity.ts';
import { durationText, statusName, summaryParts } from '../../trace/labels.ts';
import { cut, lineText } from '../../visible-text.ts';
import { Grid, type RowAttributes } from '../ui/grid.tsx';
import { Status, statusClass, statusLabel } from '../ui/status.tsx';
import type { Row } from './rows.ts';
import { barOf, type Scale, scaleOf } from './scale.ts';

const ROW_HEIGHT = 30;
const COLUMNS = 5;
/** Deeper lines are not moved further to the right. */
const MAX_INDENT = 12;
const ROWS_SHOWN = 22;
/** A tick's text needs room to its right. */
const LAST_TICK = 0.9;

export interface TimelineProps {
  readonly rows: readonly Row[];
  readonly start: number;
  readonly end: number;
  /** Key of the selected row. */
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  /** Selects, and goes on to the details. */
  readonly onOpen: (key: string) => void;
  readonly onToggle: (key: string) => void;
}

/** Segments and subsegments over time, nested. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { rows, start, end, selected, onSelect, onToggle } = props;
  const scale = scaleOf(start, end);
  const active = rows.findIndex(({ key }) => key === selected);
  const row = rows[active];
  const select = (index: number): void => {
    const key = rows[index]?.key;
    if (key !== undefined) onSelect(key);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => {
      if (row?.hasChildren && !row.expanded) onToggle(row.key);
      else if (row?.hasChildren) select(active + 1);
    },
    ArrowLeft: () => {
      if (row?.hasChildren && row.expanded) onToggle(row.key);
      else if (row?.parentKey !== undefined) onSelect(row.parentKey);
    },
    ' ': () => row?.hasChildren && onToggle(row.key),
  };
  const onKey = (key: string): boolean => {
    keys[key]?.();
    return key in keys;
  };
  return (
    <section class="timeline-section">
      <h2>Timeline</h2>
      <div style={{ '--rows': Math.min(rows.length, ROWS_SHOWN) }} class="timeline-frame">
        <Grid
          label="Timeline of segments"
          role="treegrid"
          class="timeline"
          count={rows.length}
          rowHeight={ROW_HEIGHT}
          columns={COLUMNS}
          active={active}
          onActive={select}
          onOpen={(index) => props.onOpen(rows[index]?.key ?? '')}
          onKey={onKey}
          header={<Header scale={scale} />}
          row={(index, attributes) => (
            <TimelineRow
              key={rows[index]?.key ?? index}
              row={rows[index] as Row}
              attributes={attributes}
              scale={scale}
              onToggle={onToggle}
            />
          )}
        />
      </div>
    </section>
  );
}

function Header({ scale }: { readonly scale: Scale }): JSX.Element {
  return (
    <>
      <span role="columnheader" class="t-name">
        Name
      </span>
      <span role="columnheader" class="t-status">
        Status
      </span>
      <span role="columnheader" class="t-code">
        Code
      </span>
      <span role="columnheader" class="t-duration">
        Duration
      </span>
      <span role="columnheader" class="t-bar">
        <span class="unseen">Time</span>
        {scale.ticks
          .filter((seconds) => seconds / scale.length < LAST_TICK)
          .map((seconds) => (
            <span
              key={seconds}
              class="tick"
              style={{ left: `${(seconds / scale.length) * 100}%` }}
              aria-hidden="true"
            >
              {seconds === 0 ? '0' : durationText(seconds)}
            </span>
          ))}
      </span>
    </>
  );
}

function TimelineRow(props: {
  readonly row: Row;
  readonly attributes: RowAttributes;
  readonly scale: Scale;
  readonly onToggle: (key: string) => void;
}): JSX.Element {
  const { row, attributes, scale, onToggle } = props;
  const { entity, depth, hasChildren, expanded } = row;
  const word = statusName(flagsOf(entity.record), entity.end === undefined);
  const length = lengthOf(entity);
  const bar = barOf(scale, entity.start, entity.end);
  const hint = lineText(summaryParts(entity).join(' '));
  const isTop = entity.parent === undefined;
  const offset = durationText(Math.max(entity.start - scale.start, 0));
  return (
    <div
      {...attributes}
      class={`${attributes.class} ${isTop ? 'top' : ''}`}
      aria-level={depth + 1}
      aria-expanded={hasChildren ? expanded : undefined}
      aria-selected={attributes.class.includes('active')}
    >
      <span role="gridcell" class="t-name" style={{ '--depth': Math.min(depth, MAX_INDENT) }}>
        {/* The row itself is operated by keys; this is for the mouse. */}
        <span
          class={`twist ${hasChildren ? '' : 'leaf'} ${expanded ? 'open' : ''}`}
          aria-hidden="true"
          onMouseDown={(event) => {
            event.stopPropagation();
            if (hasChildren) onToggle(row.key);
          }}
        />
        <bdi class="name" title={lineText(entity.name, 1_000)}>
          {lineText(entity.name, 200)}
        </bdi>
        <bdi class="hint" title={hint}>
          {cut(hint, 160)}
        </bdi>
      </span>
      <span role="gridcell" class="t-status">
        <Status word={word} />
      </span>
      <span role="gridcell" class="t-code mono">
        {statusOf(entity.record) ?? '–'}
      </span>
      <span role="gridcell" class="t-duration mono">
        {length === undefined ? '…' : durationText(length)}
      </span>
      <span
        role="gridcell"
        class="t-bar"
        aria-label={`starts after ${offset}, ${statusLabel(word)}`}
      >
        {scale.ticks.map((seconds) => (
          <span key={seconds} class="rule" style={{ left: `${(seconds / scale.length) * 100}%` }} />
        ))}
        <span
          class={`bar ${statusClass(word)} ${isTop ? 'of-segment' : ''}`}
          style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
        />
      </span>
    </div>
  );
}
