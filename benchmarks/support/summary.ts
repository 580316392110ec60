import { type Figure, figure, medianOf } from './figure.ts';
import { median } from './start.ts';
import type { Suite } from './suite.ts';

/** Subjects that show a minimum or a part, not another way to trace an app. */
const NOT_PEERS: ReadonlySet<string> = new Set([
  'otel-xray',
  'otel-xray, without a bundle',
  'send alone',
  'no exporter',
  'no-op subscribers',
]);
/** Name of the subject under test; the suites of the template cache compare it with itself. */
const OURS: ReadonlySet<string> = new Set(['otel-xray', 'on']);

/** How a suite stands to its limits. */
type Standing = 'goal met' | 'limit met' | '**over the limit**';

/** Returns a Markdown table with one row per suite: the best peer, otel-xray relative to it, and the limits. */
export function summary(suites: readonly Suite[], figures: readonly Figure[]): string {
  const rows = suites.flatMap((suite) => {
    const measured = figures.filter((each) => each.suite === suite.name);
    const ours = measured.find(({ subject }) => OURS.has(subject));
    return ours === undefined ? [] : [row(suite, ours, measured)];
  });
  return `| suite | otel-xray | best peer | otel-xray ÷ best peer | limits |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function row(suite: Suite, ours: Figure, measured: readonly Figure[]): string {
  const value = median(ours.values);
  const best = bestPeer(measured.filter((each) => each !== ours));
  const cells = [
    suite.name,
    `${figure(value)} ${suite.unit.split(' ')[0]}`,
    best === undefined ? '–' : `${best.subject} (${figure(median(best.values))})`,
    best === undefined ? '–' : (value / median(best.values)).toFixed(2),
    standing(suite, value, measured) ?? '–',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Returns the peer with the lowest figure. */
function bestPeer(figures: readonly Figure[]): Figure | undefined {
  return figures
    .filter(({ subject }) => !NOT_PEERS.has(subject))
    .sort((a, b) => median(a.values) - median(b.values))[0];
}

/** Returns how a figure of otel-xray stands to the limits; `undefined` if the suite lacks their reference. */
function standing(suite: Suite, value: number, measured: readonly Figure[]): Standing | undefined {
  const limited = value / divisor(suite, measured);
  if (Number.isNaN(limited)) return undefined;
  if (limited <= suite.goal) return 'goal met';
  return limited <= suite.must ? 'limit met' : '**over the limit**';
}

/** Returns what the limits of a suite are multiples of; `NaN` if it was not measured. */
function divisor({ limits, reference }: Suite, measured: readonly Figure[]): number {
  if (limits === 'units') return 1;
  return medianOf(limits === 'times send alone' ? 'send alone' : reference, measured);
}
