import { baggageAttributes } from '../api/baggage.ts';
import { setContextMissing } from '../api/context-missing.ts';
import { dynamicNaming } from '../api/dynamic-name.ts';
import { fullExceptions } from '../api/full-exceptions.ts';
import { localRoots } from '../api/local-root.ts';
import type { Config } from '../config.ts';
import type { StartProcessor } from '../start-processor.ts';

/** Configures the code API and returns its span processors. */
export function codeApiProcessors(config: Config): readonly StartProcessor[] {
  setContextMissing(config.contextMissing);
  const { dynamicNaming: pattern, baggageKeys } = config;
  return [
    localRoots(),
    fullExceptions(),
    ...(pattern === undefined ? [] : [dynamicNaming(pattern)]),
    ...(baggageKeys.length === 0 ? [] : [baggageAttributes(baggageKeys)]),
  ];
}
