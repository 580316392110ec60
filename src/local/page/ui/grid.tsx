import type { ComponentChildren, JSX } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { grownRange, type RowRange } from './row-range.ts';

export interface GridProps {
  readonly label: string;
  readonly role: 'grid' | 'treegrid';
  readonly count: number;
  /** Pixels; every row has the same. */
  readonly rowHeight: number;
  /** Index of the active row; -1 for none. */
  readonly active: number;
  readonly columns: number;
  readonly header: ComponentChildren;
  readonly row: (index: number, attributes: RowAttributes) => JSX.Element;
  readonly onActive: (index: number) => void;
  readonly onOpen: (index: number) => void;
  /** Handles other keys; returns whether it did. */
  readonly onKey?: ((key: string) => boolean) | undefined;
  /** Called with the index of the last visible row, e.g. to load more. */
  readonly onSeen?: ((last: number) => void) | undefined;
  /** Number of rows inserted above so far: the view stays on the same rows when it increases. */
  readonly anchor?: number | undefined;
  /** Identifies the order of the rows: when it changes, all of them are drawn anew. */
  readonly order?: string | undefined;
  readonly class?: string;
}

export interface RowAttributes {
  readonly id: string;
  readonly role: 'row';
  readonly class: string;
  readonly style: { readonly transform: string };
  readonly 'aria-rowindex': number;
  readonly onMouseDown: () => void;
}

const MARGIN_ROWS = 12;
/** Rows added in one frame: more of them would block the main thread on a slow machine. */
const ROWS_PER_FRAME = 14;
/** Until it is measured. */
const ASSUMED_HEIGHT = 900;
let lastId = 0;

/**
 * Renders a scrolling table, of which only the rows in view are drawn, whatever their number.
 *
 * The focus stays on the grid itself and `aria-activedescendant` names the row, so that rows may
 * come and go while they are scrolled.
 */
export function Grid(props: GridProps): JSX.Element {
  const { count, rowHeight, active, role } = props;
  const [id] = useState(() => `grid${++lastId}`);
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: ASSUMED_HEIGHT });

  const measure = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const top = Math.max(0, element.scrollTop);
    const height = element.clientHeight;
    setView((old) => (old.top === top && old.height === height ? old : { top, height }));
  }, []);
  useEffect(() => {
    // The observer reports the first size after the layout of the frame; reading it here would force one.
    const observer = new ResizeObserver(measure);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [measure]);

  const inView = {
    first: Math.min(Math.floor(view.top / rowHeight), count),
    last: Math.min(Math.ceil((view.top + view.height) / rowHeight), count),
  };
  const wanted = {
    first: Math.max(inView.first - MARGIN_ROWS, 0),
    last: Math.min(inView.last + MARGIN_ROWS, count),
  };
  const { first, last } = useGrownRange(inView, wanted, props.order);
  const { onSeen } = props;
  useEffect(() => onSeen?.(wanted.last), [onSeen, wanted.last]);
  useScrollAnchor(scroller, props.anchor, rowHeight, measure);

  useRevealed(active, scroller, head, rowHeight);

  const move = (index: number): void => {
    if (count > 0) props.onActive(Math.min(Math.max(index, 0), count - 1));
  };
  const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(count - 1),
      Enter: () => active >= 0 && props.onOpen(active),
    };
    const act = keys[event.key];
    if (act) act();
    if (act || props.onKey?.(event.key)) event.preventDefault();
  };

  const rows: JSX.Element[] = [];
  for (let index = first; index < last; index++) {
    rows.push(
      props.row(index, {
        id: `${id}-${index}`,
        role: 'row',
        class: index === active ? 'row active' : 'row',
        style: { transform: `translateY(${index * rowHeight}px)` },
        'aria-rowindex': index + 2,
        onMouseDown: () => props.onActive(index),
      }),
    );
  }
  const shown = active >= first && active < last;
  return (
    <div
      ref={scroller}
      class={`grid ${props.class ?? ''}`}
      role={role}
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={props.columns}
      aria-activedescendant={shown ? `${id}-${active}` : undefined}
      onScroll={measure}
      onKeyDown={onKeyDown}
    >
      <div ref={head} class="grid-head" role="rowgroup">
        <div class="row" role="row" aria-rowindex={1}>
          {props.header}
        </div>
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${count * rowHeight}px` }}>
        {rows}
      </div>
    </div>
  );
}

/** Returns the rows to draw now; draws again in the next frame until they are all that is wanted. */
function useGrownRange(inView: RowRange, wanted: RowRange, order: string | undefined): RowRange {
  const drawn = useRef<
    { readonly range: RowRange; readonly order: string | undefined } | undefined
  >(undefined);
  const [, setFrame] = useState(0);
  const before = drawn.current?.order === order ? drawn.current?.range : undefined;
  const range = grownRange(before, inView, wanted, ROWS_PER_FRAME);
  useEffect(() => {
    drawn.current = { range, order };
    if (range.first === wanted.first && range.last === wanted.last) return;
    const frame = requestAnimationFrame(() => setFrame((count) => count + 1));
    return () => cancelAnimationFrame(frame);
  });
  return range;
}

/** Scrolls to the active row when another one becomes active. */
function useRevealed(
  active: number,
  scroller: { readonly current: HTMLDivElement | null },
  head: { readonly current: HTMLDivElement | null },
  rowHeight: number,
): void {
  const reveal = (index: number): void => {
    const element = scroller.current;
    if (element === null) return;
    const room = element.clientHeight - (head.current?.offsetHeight ?? 0);
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) {
      element.scrollTop = top + rowHeight - room;
    }
  };
  const revealed = useRef(-1);
  useEffect(() => {
    if (active >= 0 && revealed.current !== active) reveal(active);
    revealed.current = active;
  });
}

/** Keeps the visible rows in place when rows are inserted above them. */
function useScrollAnchor(
  scroller: { readonly current: HTMLDivElement | null },
  anchor: number | undefined,
  rowHeight: number,
  measure: () => void,
): void {
  const before = useRef(anchor);
  useLayoutEffect(() => {
    const element = scroller.current;
    const added = (anchor ?? 0) - (before.current ?? 0);
    before.current = anchor;
    if (element === null || added <= 0 || element.scrollTop === 0) return;
    element.scrollTop += added * rowHeight;
    measure();
  }, [anchor]);
}
