import type { NamedFinding } from './checks.ts';
import type { Level } from './finding.ts';

/** Levels are shown as words, so that no information depends on color. */
const WORDS: Readonly<Record<Level, string>> = {
  ok: 'ok  ',
  info: '    ',
  warn: 'WARN',
  fail: 'FAIL',
};

/** Formats the findings as text. The fix is on the line after its problem. */
export function reportText(findings: readonly NamedFinding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ level, check, message, fix }) => [
    `${WORDS[level]}  ${check.padEnd(width)}  ${message}`,
    ...(fix === undefined ? [] : [`      ${' '.repeat(width)}  → ${fix}`]),
  ]);
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

/** Formats the findings as JSON. */
export function reportJson(findings: readonly NamedFinding[]): string {
  return `${JSON.stringify({ ok: exitCode(findings) === 0, findings }, undefined, 2)}\n`;
}

/** Returns 1 if a check failed, otherwise 0, also with warnings. */
export function exitCode(findings: readonly NamedFinding[]): 0 | 1 {
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

function summary(findings: readonly NamedFinding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed + warned === 0) return 'No problems found.';
  return `${failed} failed, ${warned} ${warned === 1 ? 'warning' : 'warnings'}.`;
}
