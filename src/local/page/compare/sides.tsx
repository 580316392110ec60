import type { JSX } from 'preact';
import type { Profile } from '../../analytics/profile.ts';
import { durationText } from '../../trace/labels.ts';
import { countText, percentText } from '../format.ts';
import { changeText } from './diff-table.tsx';

export interface Side {
  /** A trace id or a time range, as text. */
  readonly title: string;
  /** To the trace, or the traces. */
  readonly href: string;
  readonly profile: Profile;
}

type Figure = readonly [name: string, a: string, b: string, change: string];

/** Renders the figures of both sides, and how they differ. */
export function Sides({ a, b }: { readonly a: Side; readonly b: Side }): JSX.Element {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Both sides">
      <table class="data sides">
        <thead>
          <tr>
            <td />
            <th scope="col" class="num">
              A: <a href={a.href}>{a.title}</a>
            </th>
            <th scope="col" class="num">
              B: <a href={b.href}>{b.title}</a>
            </th>
            <th scope="col" class="num">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {figuresOf(a.profile, b.profile).map(([name, ofA, ofB, change]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="num">{ofA}</td>
              <td class="num">{ofB}</td>
              <td
                class={`num ${change.startsWith('+') ? 'slower' : change.startsWith('−') ? 'faster' : ''}`}
              >
                {change}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function figuresOf(a: Profile, b: Profile): readonly Figure[] {
  const times = (name: string, key: 'p50' | 'p90' | 'p99'): Figure => [
    name,
    durationText(a[key] ?? 0),
    durationText(b[key] ?? 0),
    changeText((b[key] ?? 0) - (a[key] ?? 0)),
  ];
  const shares = (name: string, key: 'faults' | 'errors'): Figure => {
    const [x, y] = [a[key] / Math.max(a.traces, 1), b[key] / Math.max(b.traces, 1)];
    const points = Math.round((y - x) * 100);
    const change = points === 0 ? '0' : `${points > 0 ? '+' : '−'}${Math.abs(points)} points`;
    return [name, percentText(x), percentText(y), change];
  };
  if (a.traces === 1 && b.traces === 1) return [times('Response time', 'p50')];
  const count = ({ traces, more }: Profile): string =>
    more ? `newest ${countText(traces)}` : countText(traces);
  return [
    ['Traces', count(a), count(b), ''],
    times('Response time p50', 'p50'),
    times('Response time p90', 'p90'),
    times('Response time p99', 'p99'),
    shares('Faults', 'faults'),
    shares('Errors', 'errors'),
  ];
}
