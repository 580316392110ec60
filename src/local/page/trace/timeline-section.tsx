import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Entity } from '../../trace/entity.ts';
import { countedText } from '../format.ts';
import { criticalPath, type Interval } from './analysis.ts';
import { type Row, timelineRows } from './rows.ts';
import { entityMatches } from './search.ts';
import { Timeline } from './timeline.tsx';
import type { TraceData } from './trace-data.ts';

const NO_KEYS: ReadonlySet<string> = new Set();
const NO_PATH: ReadonlyMap<Entity, readonly Interval[]> = new Map();

/** Renders the timeline, with a search and toggles for what it shows besides the bars. */
export function TimelineSection(props: {
  readonly data: TraceData;
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  readonly onOpen: (key: string) => void;
}): JSX.Element {
  const { data, selected, onSelect } = props;
  const [closed, setClosed] = useState<ReadonlySet<string>>(NO_KEYS);
  const [opened, setOpened] = useState<ReadonlySet<string>>(NO_KEYS);
  const [groupRepeats, setGroupRepeats] = useState(true);
  const [showPath, setShowPath] = useState(true);
  const [text, setText] = useState('');
  const isSearching = text.trim() !== '';
  const rows = useMemo(
    // A search must find what is folded, too.
    () =>
      timelineRows(data.tops, isSearching ? NO_KEYS : closed, {
        groupRepeats: groupRepeats && !isSearching,
        opened,
      }),
    [data.tops, closed, opened, groupRepeats, isSearching],
  );
  const found = useMemo(
    () => rows.filter(({ entity }) => entityMatches(entity, text)).map(({ key }) => key),
    [rows, text],
  );
  const foundKeys = useMemo(() => new Set(found), [found]);
  const root = data.tops.find(({ kind }) => kind === 'segment') ?? data.tops[0];
  const path = useMemo(() => (showPath && root ? criticalPath(root) : NO_PATH), [showPath, root]);
  const toggle = ({ key, group }: Row): void => {
    const [keys, set] = group ? [opened, setOpened] : [closed, setClosed];
    const next = new Set(keys);
    if (!next.delete(key)) next.add(key);
    set(next);
  };
  const hasGroups = useMemo(
    () => timelineRows(data.tops, NO_KEYS, { groupRepeats: true }).some(({ group }) => group),
    [data.tops],
  );
  return (
    <section class="timeline-section">
      <div class="timeline-tools">
        <h2>Timeline</h2>
        <Search
          text={text}
          found={found}
          selected={selected}
          onText={setText}
          onSelect={onSelect}
        />
        <Toggle label="Critical path" value={showPath} onChange={setShowPath} />
        {hasGroups && (
          <Toggle label="Group repeated calls" value={groupRepeats} onChange={setGroupRepeats} />
        )}
      </div>
      <Timeline
        rows={rows}
        start={data.start}
        end={data.end}
        selected={selected}
        found={foundKeys}
        path={path}
        onSelect={onSelect}
        onOpen={props.onOpen}
        onToggle={toggle}
      />
    </section>
  );
}

function Toggle(props: {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}): JSX.Element {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={props.value}
        onChange={({ currentTarget }) => props.onChange(currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

/** Renders the search. Enter goes to the next hit, Shift and Enter to the one before. */
function Search(props: {
  readonly text: string;
  readonly found: readonly string[];
  readonly selected: string;
  readonly onText: (text: string) => void;
  readonly onSelect: (key: string) => void;
}): JSX.Element {
  const { text, found, selected, onText, onSelect } = props;
  const input = useRef<HTMLInputElement>(null);
  const at = found.indexOf(selected);
  const go = (by: number): void => {
    const start = at === -1 && by < 0 ? 0 : at;
    const key = found[(start + by + found.length) % found.length];
    if (key !== undefined) onSelect(key);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onText('');
    if (event.key !== 'Enter') return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  };
  const count =
    text.trim() === ''
      ? ''
      : at === -1
        ? countedText(found.length, 'match', 'matches')
        : `${at + 1} of ${found.length}`;
  return (
    <search class="trace-search">
      <input
        ref={input}
        type="search"
        value={text}
        placeholder="Search this trace"
        aria-label="Search this trace"
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <span class="muted" aria-live="polite">
        {count}
      </span>
      {found.length > 0 && text.trim() !== '' && (
        <>
          <button type="button" onClick={() => go(-1)} aria-label="Previous match">
            ↑
          </button>
          <button type="button" onClick={() => go(1)} aria-label="Next match">
            ↓
          </button>
        </>
      )}
    </search>
  );
}
