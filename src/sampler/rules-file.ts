import { readFileSync } from 'node:fs';
import { diag } from '@opentelemetry/api';
import { parseLocalRules, readLocalRules } from './local-rules.ts';
import type { SamplingRule } from './rule.ts';

/**
 * The rules of a file, for `localRules` of the sampler. A file that cannot be read or used is
 * reported whole, line by line, and counts as none: the app starts all the same.
 */
export function rulesFromFile(path: string): readonly SamplingRule[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    diag.warn(`otel-xray: sampling rules are not used: ${(error as Error).message}`);
    return undefined;
  }
  const { rules, problems } = parseLocalRules(text);
  if (problems.length === 0) return rules;
  diag.warn(`otel-xray: sampling rules of ${path} are not used:\n  ${problems.join('\n  ')}`);
  return undefined;
}

/** The rules of a file, or of the object that its JSON would be. */
export function rulesFrom(source: string | object): readonly SamplingRule[] | undefined {
  if (typeof source === 'string') return rulesFromFile(source);
  const { rules, problems } = readLocalRules(source);
  if (problems.length === 0) return rules;
  diag.warn(`otel-xray: the sampling rules are not used:\n  ${problems.join('\n  ')}`);
  return undefined;
}
