import { readFileSync } from 'node:fs';
import { diag } from '@opentelemetry/api';
import { BUILT_IN_TEXT } from './fallback-rules.ts';
import { type LocalRules, parseLocalRules, readLocalRules } from './local-rules.ts';
import type { SamplingRule } from './rule.ts';

const FALLBACK = `using ${BUILT_IN_TEXT}`;

/**
 * Reads a rules file for the option `localRules` of the sampler. Problems are logged as one warning;
 * rules without problems apply.
 *
 * @returns `undefined` if the file cannot be read or contains no valid rule
 */
export function rulesFromFile(path: string): readonly SamplingRule[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    diag.warn(`otel-xray: cannot read sampling rules: ${(error as Error).message}; ${FALLBACK}`);
    return undefined;
  }
  return usable(parseLocalRules(text), path);
}

/** Reads the rules of a file, or of an object with the content of such a file. */
export function rulesFrom(source: string | object): readonly SamplingRule[] | undefined {
  if (typeof source === 'string') return rulesFromFile(source);
  return usable(readLocalRules(source), 'the given object');
}

function usable(
  { rules, problems }: LocalRules,
  source: string,
): readonly SamplingRule[] | undefined {
  const isUsable = rules.length > 0;
  if (problems.length > 0) {
    const effect = isUsable ? 'the other rules in it apply' : FALLBACK;
    diag.warn(
      `otel-xray: sampling rules in ${source} have problems; ${effect}:\n  ${problems.join('\n  ')}`,
    );
  }
  return isUsable ? rules : undefined;
}
