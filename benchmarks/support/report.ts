import type { Suite } from '../suites.ts';
import { median } from './start.ts';

/** The samples of one subject in one suite. */
export interface Figure {
  readonly suite: string;
  readonly subject: string;
  readonly values: readonly number[];
}

/** The figures as Markdown: medians, spread, and ratios against each suite's reference. */
export function report(
  figures: readonly Figure[],
  suites: readonly Suite[],
  machine: { readonly node: string; readonly cpu: string; readonly rounds: number },
): string {
  const parts = suites.map((suite) =>
    section(
      suite,
      figures.filter((f) => f.suite === suite.name),
    ),
  );
  return `# Benchmarks

Written by \`npm run bench -- --write\`. Node ${machine.node}, ${machine.cpu}; medians over
${machine.rounds} rounds in which the subjects take turns, each in a fresh process; ± is half the
range. **Read the ratios**: the absolute figures belong to the machine, which is shared and noisy.
Versions of the peers: \`benchmarks/peers/*/package.json\`; \`npm run bench:peers\` installs them.
\`send alone\` is no tracer: it sends ready bytes, one datagram for each request, which is the least
that any tracer does that speaks to the X-Ray daemon.

${parts.filter((part) => part !== '').join('\n\n')}`;
}

function section(suite: Suite, figures: readonly Figure[]): string {
  if (figures.length === 0) return '';
  const reference = figures.find(({ subject }) => subject === suite.reference);
  const base = reference === undefined ? undefined : median(reference.values);
  const rows = figures.map(({ subject, values }) => {
    const value = median(values);
    const spread = (Math.max(...values) - Math.min(...values)) / 2;
    const ratio = base === undefined ? '' : (value / base).toFixed(2);
    return `| ${subject} | ${figure(value)} ± ${figure(spread)} | ${ratio} |`;
  });
  return `## ${suite.name}: ${suite.about}

${limits(suite)}

| subject | ${suite.unit} | ratio |
| --- | --- | --- |
${rows.join('\n')}`;
}

function limits({ reference, must, goal, unit, limits }: Suite): string {
  return limits === 'units'
    ? `Ours: must be ≤ ${must} ${unit}, goal ≤ ${goal} ${unit}.`
    : `Ours against ${reference}: must be ≤ ${must}, goal ≤ ${goal}.`;
}

/** Two decimals where one says too little. */
function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 2 ? 2 : 1);
}
