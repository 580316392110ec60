import type { JSX } from 'preact';
import type { Entity } from '../../trace/entity.ts';
import { durationText } from '../../trace/labels.ts';
import { Grid } from '../ui/grid.tsx';
import type { Interval } from './analysis.ts';
import type { Row } from './rows.ts';
import { type Scale, scaleOf } from './scale.ts';
import { TimelineRow } from './timeline-row.tsx';

const ROW_HEIGHT = 30;
const COLUMNS = 6;
const ROWS_SHOWN = 22;
/** A tick's text needs room to its right. */
const LAST_TICK = 0.86;

export interface TimelineProps {
  readonly rows: readonly Row[];
  readonly start: number;
  readonly end: number;
  /** Key of the selected row. */
  readonly selected: string;
  /** Keys of the rows that the search found. */
  readonly found: ReadonlySet<string>;
  /** Empty when the critical path is not shown. */
  readonly path: ReadonlyMap<Entity, readonly Interval[]>;
  readonly onSelect: (key: string) => void;
  /** Selects the row and moves the focus to the details. */
  readonly onOpen: (key: string) => void;
  readonly onToggle: (row: Row) => void;
}

/** Renders segments and subsegments over time, nested. */
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
      if (row?.hasChildren && !row.expanded) onToggle(row);
      else if (row?.hasChildren) select(active + 1);
    },
    ArrowLeft: () => {
      if (row?.hasChildren && row.expanded) onToggle(row);
      else if (row?.parentKey !== undefined) onSelect(row.parentKey);
    },
    ' ': () => row?.hasChildren && onToggle(row),
  };
  const onKey = (key: string): boolean => {
    keys[key]?.();
    return key in keys;
  };
  const open = (index: number): void => {
    const opened = rows[index];
    if (opened?.group) onToggle(opened);
    else if (opened) props.onOpen(opened.key);
  };
  return (
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
        onOpen={open}
        onKey={onKey}
        header={<Header scale={scale} />}
        row={(index, attributes) => {
          const each = rows[index] as Row;
          return (
            <TimelineRow
              key={each.key}
              row={each}
              attributes={attributes}
              scale={scale}
              isFound={props.found.has(each.key)}
              path={pathOf(each, props.path)}
              onToggle={onToggle}
            />
          );
        }}
      />
    </div>
  );
}

/** Returns where a line is on the critical path; a group is there with all its members. */
function pathOf(
  { entity, group }: Row,
  path: ReadonlyMap<Entity, readonly Interval[]>,
): readonly Interval[] {
  return (group?.members ?? [entity]).flatMap((member) => path.get(member) ?? []);
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
      <span
        role="columnheader"
        class="t-self"
        title="Time in which none of its subsegments or called services ran"
      >
        Self time
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
