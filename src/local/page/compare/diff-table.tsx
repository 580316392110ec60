import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Profile } from '../../analytics/profile.ts';
import { durationText } from '../../trace/labels.ts';
import { lineText } from '../../visible-text.ts';
import { countedText } from '../format.ts';
import { type Column, TableHead } from '../ui/table-head.tsx';
import { diffOf, type PartDiff, type SideOfPart } from './diff.ts';

const COLUMNS: readonly Column[] = [
  'Part',
  { num: 'Change' },
  { num: 'Self time A' },
  { num: 'Self time B' },
  { num: 'Calls A' },
  { num: 'Calls B' },
  { unseen: 'Slower or faster' },
];

const MAX_SHOWN = 30;
/** Smaller changes are noise of the clocks. */
const LEAST_CHANGE = 0.000_05;

/** Renders the parts of the call tree side by side, those that changed most first. */
export function DiffTable(props: { readonly a: Profile; readonly b: Profile }): JSX.Element {
  const [all, setAll] = useState(false);
  const rows = diffOf(props.a, props.b);
  const most = Math.max(LEAST_CHANGE, ...rows.map(({ change }) => Math.abs(change)));
  const changed = rows.filter(isChanged);
  const shown = all ? rows : changed.slice(0, MAX_SHOWN);
  return (
    <section class="section">
      <h2>What changed</h2>
      <p class="muted tab-note">
        Self time is the duration without the calls that a part makes. Self time and calls are those
        of an average trace.
      </p>
      {shown.length === 0 && <p class="nothing">No part became slower or faster.</p>}
      {shown.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Parts that changed">
          <table class="data diff">
            <TableHead columns={COLUMNS} />
            <tbody>
              {shown.map((row) => (
                <DiffRow key={JSON.stringify(row.path)} row={row} most={most} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(all || rows.length > shown.length) && (
        <p class="field-action">
          <button type="button" onClick={() => setAll(!all)}>
            {all ? 'Show only what changed' : `Show all ${countedText(rows.length, 'part')}`}
          </button>
        </p>
      )}
    </section>
  );
}

function isChanged({ change, kind }: PartDiff): boolean {
  return kind !== 'both' || Math.abs(change) >= LEAST_CHANGE;
}

function DiffRow({ row, most }: { readonly row: PartDiff; readonly most: number }): JSX.Element {
  const { path, a, b, change, kind } = row;
  const above = path.slice(0, -1).map((name) => lineText(name, 40));
  const tone = Math.abs(change) < LEAST_CHANGE ? '' : change > 0 ? 'slower' : 'faster';
  return (
    <tr>
      <th scope="row">
        <bdi>{lineText(path.at(-1) ?? '', 80)}</bdi>
        {kind === 'new' && <span class="tag">new in B</span>}
        {kind === 'gone' && <span class="tag">only in A</span>}
        {above.length > 0 && <span class="path muted">{above.join(' › ')}</span>}
      </th>
      <td class={`num mono ${tone}`}>{changeText(change)}</td>
      <td class="num mono">{a ? durationText(a.selfSeconds) : '–'}</td>
      <td class="num mono">{b ? durationText(b.selfSeconds) : '–'}</td>
      <td class="num">{callsText(a)}</td>
      <td class="num">{callsText(b)}</td>
      <td class="change-cell">
        <span class="change-axis" aria-hidden="true">
          <span
            class={`change-bar ${tone}`}
            style={{ '--share': Math.min(Math.abs(change) / most, 1).toFixed(3) }}
          />
        </span>
      </td>
    </tr>
  );
}

function callsText(side: SideOfPart | undefined): string {
  return side === undefined ? '–' : String(Number(side.calls.toPrecision(3)));
}

/** Returns a change as `+12 ms`, `−3 ms` or `0`. */
export function changeText(seconds: number): string {
  if (Math.abs(seconds) < LEAST_CHANGE) return '0';
  return `${seconds > 0 ? '+' : '−'}${durationText(Math.abs(seconds))}`;
}
