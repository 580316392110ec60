import { type Figure, figure } from './figure.ts';
import { median } from './start.ts';

/** Rows of the comparison in README.md whose cells are figures: first cell, suite and unit. */
const ROWS: readonly (readonly [label: string, suite: string, unit: string])[] = [
  ['start, added', 'start', 'ms'],
  ['memory at start, added', 'memory', 'MB'],
  ['Lambda cold start, added', 'cold-start', 'ms'],
  ['Express request, CPU added', 'express', 'µs'],
  ['trace of four spans, CPU', 'trace', 'µs'],
  ['export of one span, CPU', 'export', 'µs'],
];

/** Subjects of each column; the first one that is part of the suite is shown. */
const COLUMNS: readonly (readonly string[])[] = [
  ['otel-xray'],
  ['X-Ray SDK'],
  ['ADOT fast start', 'ADOT register', 'ADOT UDP'],
  ['OTLP/HTTP protobuf'],
];

/** Returns README.md with the figures of this run; rows of suites that did not run stay as they are. */
export function updatedReadme(readme: string, figures: readonly Figure[]): string {
  return ROWS.reduce((text, [label, suite, unit]) => {
    const measured = figures.filter((each) => each.suite === suite);
    if (measured.length === 0) return text;
    const cells = COLUMNS.map((subjects) => cell(subjects, measured, unit));
    const row = new RegExp(`^\\| ${label} \\|.*$`, 'm');
    if (!row.test(text)) throw new Error(`README.md has no row "${label}"`);
    return text.replace(row, `| ${[label, ...cells].join(' | ')} |`);
  }, readme);
}

function cell(subjects: readonly string[], figures: readonly Figure[], unit: string): string {
  for (const subject of subjects) {
    const found = figures.find((each) => each.subject === subject);
    if (found !== undefined) return `${figure(median(found.values))} ${unit}`;
  }
  return '–';
}
