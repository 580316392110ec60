import type { SpanContext } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import { isRootOnly } from '../propagation/marks.ts';
import { parseIndexedAttributes, type TranslatorOptions } from '../translator/options.ts';

/** The translator's options as the configuration wants them. */
export function translatorOptions(config: Config, workingDirectory: string): TranslatorOptions {
  return {
    ...parseIndexedAttributes(config.annotations.join(',')),
    downstreamTraced: config.downstreamTraced,
    isRootOnly: (parent) => isRootOnly(parent as SpanContext),
    logGroupNames: config.logGroups,
    recordSqlQuery: config.collectSqlQueries,
    tracingName: config.tracingName,
    workingDirectory,
  };
}
