import type { NamedFinding } from './checks.ts';
import type { Level } from './finding.ts';

/** Words, so that no meaning hangs on colour. */
const WORDS: Readonly<Record<Level, string>> = {
  ok: 'ok  ',
  info: '    ',
  warn: 'WARN',
  fail: 'FAIL',
};

/** The findings as lines for people; what to do stands below each problem. */
export function reportText(findings: readonly NamedFinding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ level, check, message, fix }) => [
    `${WORDS[level]}  ${check.padEnd(width)}  ${message}`,
    ...(fix === undefined ? [] : [`      ${' '.repeat(width)}  → ${fix}`]),
  ]);
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

/** The same for machines. */
export function reportJson(findings: readonly NamedFinding[]): string {
  return `${JSON.stringify({ ok: exitCode(findings) === 0, findings }, undefined, 2)}\n`;
}

/** 1 when a check failed; warnings alone are 0. */
export function exitCode(findings: readonly NamedFinding[]): 0 | 1 {
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

function summary(findings: readonly NamedFinding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed + warned === 0) return 'Nothing keeps segments from arriving.';
  return `${failed} failed, ${warned} to look at.`;
}
